package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import dev.buildman.agent.registry.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An image as a daemon exported it, its new layers packed in files.
 *
 * <p>It has Docker's media types, which every registry takes and which alone define health checks
 * and triggers; a layer that only OCI has a type for makes it an OCI image.
 */
final class SavedImage implements PushableImage {

  private final Manifest manifest;
  private final byte[] config;
  private final Map<Digest, Path> files;
  private final KnownImages known;

  private SavedImage(Manifest manifest, byte[] config, Map<Digest, Path> files, KnownImages known) {
    this.manifest = manifest;
    this.config = config;
    this.files = files;
    this.known = known;
  }

  /**
   * The image of this configuration and these layers.
   *
   * @param layers lowest first
   * @param files those that are here, by digest; the others are known
   */
  static SavedImage of(
      byte[] config, List<Descriptor> layers, Map<Digest, Path> files, KnownImages known)
      throws IOException {
    boolean oci = layers.stream().anyMatch(layer -> !isGzip(layer.mediaType()));
    Descriptor configBlob =
        new Descriptor(
            oci ? MediaTypes.OCI_CONFIG : MediaTypes.DOCKER_CONFIG,
            Digest.of(config),
            config.length);
    String gzip = oci ? MediaTypes.OCI_LAYER_GZIP : MediaTypes.DOCKER_LAYER_GZIP;
    String type = oci ? MediaTypes.OCI_MANIFEST : MediaTypes.DOCKER_MANIFEST;
    ObjectNode root = Json.newObject().put("schemaVersion", 2).put("mediaType", type);
    describe(root.putObject("config"), configBlob, configBlob.mediaType());
    ArrayNode array = root.putArray("layers");
    for (Descriptor layer : layers) {
      describe(array.addObject(), layer, isGzip(layer.mediaType()) ? gzip : layer.mediaType());
    }
    Manifest manifest = Manifest.parse(type, Json.write(root));
    return new SavedImage(manifest, config, Map.copyOf(files), known);
  }

  /** An image that a registry has whole; nothing of it is here. */
  static SavedImage known(Manifest manifest, KnownImages known) {
    return new SavedImage(manifest, new byte[0], Map.of(), known);
  }

  private static boolean isGzip(String type) {
    return type.equals(MediaTypes.DOCKER_LAYER_GZIP) || type.equals(MediaTypes.OCI_LAYER_GZIP);
  }

  private static void describe(ObjectNode object, Descriptor blob, String type) {
    object.put("mediaType", type).put("size", blob.size()).put("digest", blob.digest().toString());
  }

  @Override
  public Manifest manifest() {
    return manifest;
  }

  @Override
  public BlobContent content(Descriptor blob) {
    Path file = files.get(blob.digest());
    if (file != null) {
      return BlobContent.of(file);
    }
    return config.length > 0 && blob.equals(manifest.config())
        ? BlobContent.of(config)
        : known.content(blob);
  }

  @Override
  public @Nullable Repository origin(Descriptor blob) {
    return known.origin(blob);
  }
}
