package dev.buildman.agent.layout;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Docker's manifests under the names of the OCI, as a layout holds no others: the contents are the
 * same, so that only the documents that name them change, and their digests.
 */
final class OciForm {
  private static final String DOCKER = "application/vnd.docker.";
  private static final Map<String, String> NAMES =
      Map.of(
          "application/vnd.docker.distribution.manifest.v2+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.container.image.v1+json",
          "application/vnd.oci.image.config.v1+json",
          "application/vnd.docker.image.rootfs.diff.tar.gzip",
          "application/vnd.oci.image.layer.v1.tar+gzip",
          "application/vnd.docker.image.rootfs.diff.tar",
          "application/vnd.oci.image.layer.v1.tar",
          "application/vnd.docker.image.rootfs.diff.tar.zstd",
          "application/vnd.oci.image.layer.v1.tar+zstd");

  private final Path blobs;

  OciForm(Path blobs) {
    this.blobs = blobs;
  }

  /** The descriptor of a manifest or index, whose document is written when it has to change. */
  ObjectNode of(String digest, String mediaType, long size) throws IOException {
    ObjectNode descriptor = Json.newObject();
    Path file = blobs.resolve(Digest.parse(digest).hex());
    if (!(Json.read(Files.readAllBytes(file)) instanceof ObjectNode document)) {
      throw new IOException(digest + " is no manifest");
    }
    boolean changed = rename(document);
    for (JsonNode child : document.path("manifests")) {
      String before = child.path("digest").asText();
      if (Files.exists(blobs.resolve(Digest.parse(before).hex()))) {
        ObjectNode after =
            of(before, child.path("mediaType").asText(), child.path("size").asLong());
        changed |= !after.path("digest").asText().equals(before);
        ((ObjectNode) child).setAll(after);
      }
    }
    if (!changed) {
      return descriptor.put("mediaType", mediaType).put("digest", digest).put("size", size);
    }
    byte[] bytes = Json.write(document);
    Digest now = Digest.of(bytes);
    Files.write(blobs.resolve(now.hex()), bytes);
    Files.delete(file);
    return descriptor
        .put("mediaType", NAMES.getOrDefault(mediaType, mediaType))
        .put("digest", now.toString())
        .put("size", bytes.length);
  }

  /** The names in a document and in the descriptors in it. */
  private static boolean rename(JsonNode node) {
    boolean changed = false;
    String name = node.path("mediaType").asText();
    if (node instanceof ObjectNode object && name.startsWith(DOCKER)) {
      object.put("mediaType", NAMES.getOrDefault(name, name));
      changed = true;
    }
    for (JsonNode child : node) {
      changed |= rename(child);
    }
    return changed;
  }
}
