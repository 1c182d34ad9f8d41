package dev.buildman.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.buildman.registry.RegistryFault.Code;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What a manifest refers to, and whether the repository has all of it. */
final class ManifestCheck {

  static final String OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String OCI_INDEX = "application/vnd.oci.image.index.v1+json";
  static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
  static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";

  private static final Set<String> IMAGES = Set.of(OCI_MANIFEST, DOCKER_MANIFEST);
  private static final Set<String> INDEXES = Set.of(OCI_INDEX, DOCKER_LIST);
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private ManifestCheck() {}

  /**
   * Checks a manifest before it is stored.
   *
   * @throws RegistryFault when it is malformed, of a type that is not known, or refers to something
   *     that the repository does not have
   */
  static void check(
      String repository, String mediaType, byte[] content, BlobStore blobs, ManifestStore manifests)
      throws IOException {
    JsonNode manifest = parse(content);
    String written = manifest.path("mediaType").asText(mediaType);
    if (!written.equals(mediaType)) {
      throw invalid("mediaType is " + written + " but Content-Type is " + mediaType);
    }
    if (manifest.path("schemaVersion").asInt() != 2) {
      throw invalid("schemaVersion must be 2");
    }
    if (IMAGES.contains(mediaType)) {
      for (Digest digest : blobsOf(manifest)) {
        if (blobs.find(repository, digest).isEmpty()) {
          throw new RegistryFault(Code.MANIFEST_BLOB_UNKNOWN, "the blob " + digest + " is missing");
        }
      }
    } else if (INDEXES.contains(mediaType)) {
      for (JsonNode entry : array(manifest, "manifests")) {
        Digest digest = digest(entry);
        if (!manifests.has(repository, digest)) {
          throw new RegistryFault(
              Code.MANIFEST_BLOB_UNKNOWN, "the manifest " + digest + " is missing");
        }
      }
    } else {
      throw invalid("this media type is not known: " + mediaType);
    }
  }

  private static List<Digest> blobsOf(JsonNode manifest) {
    List<Digest> digests = new ArrayList<>();
    digests.add(digest(manifest.path("config")));
    for (JsonNode layer : array(manifest, "layers")) {
      boolean elsewhere =
          layer.has("urls") || layer.path("mediaType").asText("").contains("nondistributable");
      if (!elsewhere) {
        digests.add(digest(layer));
      }
    }
    return digests;
  }

  private static JsonNode array(JsonNode manifest, String field) {
    JsonNode array = manifest.path(field);
    if (!array.isArray()) {
      throw invalid(field + " must be a list");
    }
    return array;
  }

  private static Digest digest(JsonNode descriptor) {
    if (!descriptor.path("digest").isTextual()) {
      throw invalid("a descriptor has no digest");
    }
    return Digest.parse(descriptor.path("digest").asText());
  }

  private static JsonNode parse(byte[] content) throws IOException {
    try {
      JsonNode node = JSON.readTree(content);
      if (node.isObject()) {
        return node;
      }
    } catch (JsonProcessingException e) {
      throw invalid("the manifest is not JSON");
    }
    throw invalid("the manifest is not a JSON object");
  }

  private static RegistryFault invalid(String message) {
    return new RegistryFault(Code.MANIFEST_INVALID, message);
  }
}
