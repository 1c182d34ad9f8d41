package dev.buildman.agent.engine.embedded;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.engine.tree.Layer;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * The two documents of an image: its configuration and its manifest.
 *
 * <p>They have Docker's media types (version 2, schema 2): every registry takes these, also those
 * that have OCI's switched off, and health checks, shells and triggers are defined only there;
 * readers drop them from OCI configurations. A base image with a layer that only OCI has a type for
 * (plain or zstd) makes it an OCI image; the bytes of gzipped layers are the same under both names.
 *
 * @param config the configuration
 * @param configBlob its descriptor
 * @param manifest the manifest that names it
 */
record ImageDocuments(byte[] config, Descriptor configBlob, Manifest manifest) {

  static ImageDocuments of(ImageConfig config, List<Layer> layers, Instant created)
      throws IOException {
    boolean oci =
        layers.stream().map(layer -> layer.blob().mediaType()).anyMatch(type -> !isGzip(type));
    byte[] bytes = config.bytes(created);
    Descriptor blob =
        new Descriptor(
            oci ? MediaTypes.OCI_CONFIG : MediaTypes.DOCKER_CONFIG, Digest.of(bytes), bytes.length);
    ObjectNode root = Json.newObject();
    String type = oci ? MediaTypes.OCI_MANIFEST : MediaTypes.DOCKER_MANIFEST;
    root.put("schemaVersion", 2);
    root.put("mediaType", type);
    describe(root.putObject("config"), blob, blob.mediaType());
    var array = root.putArray("layers");
    for (Layer layer : layers) {
      String gzip = oci ? MediaTypes.OCI_LAYER_GZIP : MediaTypes.DOCKER_LAYER_GZIP;
      describe(
          array.addObject(),
          layer.blob(),
          isGzip(layer.blob().mediaType()) ? gzip : layer.blob().mediaType());
    }
    return new ImageDocuments(bytes, blob, Manifest.parse(type, Json.write(root)));
  }

  private static boolean isGzip(String mediaType) {
    return mediaType.equals(MediaTypes.DOCKER_LAYER_GZIP)
        || mediaType.equals(MediaTypes.OCI_LAYER_GZIP);
  }

  private static void describe(ObjectNode object, Descriptor blob, String mediaType) {
    object
        .put("mediaType", mediaType)
        .put("size", blob.size())
        .put("digest", blob.digest().toString());
  }

  @Override
  public String toString() {
    return manifest.toString();
  }
}
