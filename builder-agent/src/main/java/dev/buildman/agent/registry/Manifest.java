package dev.buildman.agent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A manifest as the registry keeps it: its exact bytes, since the digest is over these. It is
 * either one image (a config and layers) or an index of several.
 */
public final class Manifest {
  /** The largest that registries take, 4 MiB by the distribution specification. */
  public static final int MAX_BYTES = 4 << 20;

  private final String mediaType;
  private final byte[] bytes;
  private final Digest digest;
  private final Optional<Descriptor> config;
  private final List<Descriptor> parts;

  private Manifest(
      String mediaType, byte[] bytes, Optional<Descriptor> config, List<Descriptor> parts) {
    this.mediaType = mediaType;
    this.bytes = bytes;
    this.digest = Digest.of(bytes);
    this.config = config;
    this.parts = parts;
  }

  /**
   * Reads a manifest.
   *
   * @param mediaType of the answer or file; one that names no manifest gives way to the document's
   * @param bytes the document
   * @throws RegistryException PROTOCOL when it is no manifest, UNSUPPORTED for an old schema
   */
  public static Manifest parse(String mediaType, byte[] bytes) throws RegistryException {
    JsonNode root =
        Json.object(bytes).orElseThrow(() -> bad("it is no JSON object (" + mediaType + ")"));
    String type = typeOf(mediaType, root);
    boolean index = MediaTypes.isIndex(type);
    // A document that could be read as either is an attack (CVE-2021-41190), not a manifest.
    if (root.has(index ? "layers" : "manifests")) {
      throw bad("it has both layers and manifests");
    }
    List<Descriptor> parts = descriptors(root.path(index ? "manifests" : "layers"));
    Optional<Descriptor> config = Optional.empty();
    if (!index) {
      config = Optional.of(descriptor(root.path("config")));
    }
    return new Manifest(type, bytes.clone(), config, parts);
  }

  private static String typeOf(String header, JsonNode root) throws RegistryException {
    String inside = root.path("mediaType").asText("");
    String type = known(header) ? header : inside;
    if (known(header) && !inside.isEmpty() && !inside.equals(header)) {
      throw bad("it was served as " + header + " and says it is " + inside);
    }
    if (type.isEmpty() && root.path("schemaVersion").asInt() == 2) {
      type = root.has("manifests") ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
    }
    if (!known(type)) {
      throw new RegistryException(
          RegistryException.Kind.UNSUPPORTED,
          "the image's manifest is of a kind that this client cannot read ("
              + (type.isEmpty() ? header : type)
              + "); push it again with a current tool");
    }
    return type;
  }

  private static boolean known(String type) {
    return MediaTypes.isImage(type) || MediaTypes.isIndex(type);
  }

  private static List<Descriptor> descriptors(JsonNode array) throws RegistryException {
    List<Descriptor> all = new ArrayList<>();
    for (JsonNode element : array) {
      all.add(descriptor(element));
    }
    return List.copyOf(all);
  }

  private static Descriptor descriptor(JsonNode object) throws RegistryException {
    try {
      return new Descriptor(
          object.path("mediaType").asText(""),
          Digest.parse(object.path("digest").asText("")),
          object.path("size").asLong(-1),
          object.path("platform").isObject() ? platform(object.path("platform")) : null);
    } catch (IllegalArgumentException e) {
      throw bad(String.valueOf(e.getMessage()));
    }
  }

  private static Platform platform(JsonNode object) {
    String variant = object.path("variant").asText("");
    return new Platform(
        object.path("os").asText(""),
        object.path("architecture").asText(""),
        variant.isEmpty() ? null : variant);
  }

  private static RegistryException bad(String why) {
    return new RegistryException(
        RegistryException.Kind.PROTOCOL, "the manifest cannot be used: " + why);
  }

  /** One of the four manifest types of {@link MediaTypes}. */
  public String mediaType() {
    return mediaType;
  }

  /** A copy of the document's bytes. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** The sha256 of the bytes: the image's digest. */
  public Digest digest() {
    return digest;
  }

  /** Whether this is several images. */
  public boolean isIndex() {
    return MediaTypes.isIndex(mediaType);
  }

  /** The image's config blob; throws {@link IllegalStateException} for an index. */
  public Descriptor config() {
    return config.orElseThrow(() -> new IllegalStateException("an index has no config"));
  }

  /** The image's layers, lowest first; throws {@link IllegalStateException} for an index. */
  public List<Descriptor> layers() {
    if (isIndex()) {
      throw new IllegalStateException("an index has no layers");
    }
    return parts;
  }

  /** An index's images in its order, empty for one image. */
  public List<Descriptor> images() {
    return isIndex() ? parts : List.of();
  }

  /** The first image of an index that runs on the platform. */
  public Optional<Descriptor> imageFor(Platform wanted) {
    return images().stream()
        .filter(image -> MediaTypes.isImage(image.mediaType()))
        .filter(image -> image.platform() != null && wanted.accepts(image.platform()))
        .findFirst();
  }

  @Override
  public String toString() {
    return mediaType + " " + digest;
  }
}
