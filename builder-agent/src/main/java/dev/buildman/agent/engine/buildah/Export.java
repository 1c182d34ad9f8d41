package dev.buildman.agent.engine.buildah;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import dev.buildman.agent.registry.Repository;
import dev.buildman.agent.registry.TransferProgress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A built image ready to be pushed: its own layers as files, those that registries have as these
 * keep them. It is Docker's, or OCI's where a layer of a base has a type that only OCI knows.
 */
final class Export implements PushableImage {
  private static final List<String> GZIP =
      List.of(MediaTypes.DOCKER_LAYER_GZIP, MediaTypes.OCI_LAYER_GZIP);

  private final Path folder;
  private final Manifest manifest;
  private final Map<Digest, BaseLayers.Known> bases = new HashMap<>();

  private Export(Path folder, Manifest manifest) {
    this.folder = folder;
    this.manifest = manifest;
  }

  /**
   * Reads what buildah pushed.
   *
   * @param folder with a file for each blob that was sent
   * @param pushed the manifest, in which layers of base images stand by their content
   * @param created text of the label that says when the image was made; null: there is none. To
   *     buildah it would be a step that no cache ever has
   */
  static Export read(Path folder, byte[] pushed, BaseLayers bases, @Nullable String created)
      throws IOException {
    Manifest sent = Manifest.parse(MediaTypes.DOCKER_MANIFEST, pushed);
    List<Descriptor> layers = new ArrayList<>();
    List<BaseLayers.Known> used = new ArrayList<>();
    for (Descriptor layer : sent.layers()) {
      boolean here = Files.isRegularFile(folder.resolve(layer.digest().hex()));
      BaseLayers.Known known = here ? null : bases.layer(layer.digest().toString()).orElse(null);
      if (known != null) {
        used.add(known);
      }
      layers.add(known == null ? layer : known.blob());
    }
    Export export = new Export(folder, manifest(dated(folder, sent.config(), created), layers));
    used.forEach(known -> export.bases.put(known.blob().digest(), known));
    return export;
  }

  private static Descriptor dated(Path folder, Descriptor config, @Nullable String created)
      throws IOException {
    if (created == null
        || !(Json.read(Files.readAllBytes(folder.resolve(config.digest().hex())))
            instanceof ObjectNode root)) {
      return config;
    }
    ObjectNode settings = root.withObjectProperty("config");
    if (!(settings.path("Labels") instanceof ObjectNode)) {
      settings.putObject("Labels");
    }
    settings.withObjectProperty("Labels").put(BuildOptions.CREATED, created);
    byte[] bytes = Json.write(root);
    Descriptor dated = new Descriptor(config.mediaType(), Digest.of(bytes), bytes.length);
    Files.write(folder.resolve(dated.digest().hex()), bytes);
    return dated;
  }

  private static Manifest manifest(Descriptor config, List<Descriptor> layers) throws IOException {
    boolean docker = layers.stream().allMatch(layer -> GZIP.contains(layer.mediaType()));
    String type = docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.OCI_MANIFEST;
    String gzip = docker ? MediaTypes.DOCKER_LAYER_GZIP : MediaTypes.OCI_LAYER_GZIP;
    ObjectNode root = Json.newObject().put("schemaVersion", 2).put("mediaType", type);
    root.set("config", part(config, docker ? MediaTypes.DOCKER_CONFIG : MediaTypes.OCI_CONFIG));
    for (Descriptor layer : layers) {
      boolean packed = GZIP.contains(layer.mediaType());
      root.withArray("layers").add(part(layer, packed ? gzip : layer.mediaType()));
    }
    root.withArray("layers");
    return Manifest.parse(type, Json.write(root));
  }

  private static JsonNode part(Descriptor blob, String mediaType) {
    return Json.newObject()
        .put("mediaType", mediaType)
        .put("size", blob.size())
        .put("digest", blob.digest().toString());
  }

  @Override
  public Manifest manifest() {
    return manifest;
  }

  Digest imageId() {
    return manifest.config().digest();
  }

  @Override
  public @Nullable Repository origin(Descriptor blob) {
    BaseLayers.Known known = bases.get(blob.digest());
    return known == null ? null : known.origin();
  }

  @Override
  public BlobContent content(Descriptor blob) {
    Path file = folder.resolve(blob.digest().hex());
    BaseLayers.Known known = bases.get(blob.digest());
    return known == null ? BlobContent.of(file) : () -> Files.newInputStream(fetched(known, file));
  }

  /** Only where the target neither has the layer nor can mount it. */
  private synchronized Path fetched(BaseLayers.Known known, Path file) throws IOException {
    if (!Files.exists(file)) {
      try {
        known.registry().pullBlob(known.origin(), known.blob(), file, TransferProgress.NONE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException)
            new InterruptedIOException("interrupted while a layer was fetched").initCause(e);
      }
    }
    return file;
  }
}
