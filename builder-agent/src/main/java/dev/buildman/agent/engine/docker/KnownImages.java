package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Images of registries whose layers the built image may have: what a registry keeps already is
 * neither packed nor sent again, and base layers keep the digests under which everybody knows them.
 * For one thread.
 */
public final class KnownImages {
  private static final int LARGEST_CONFIG = 8 << 20;

  /** Where an image or a layer can be had. */
  private record Place(RegistryClient client, Repository repository) {}

  private final Path folder;
  private final Map<Digest, Descriptor> byDiffId = new HashMap<>();
  private final Map<Digest, Manifest> byConfig = new LinkedHashMap<>();
  private final Map<Digest, String> created = new HashMap<>();
  private final Map<Digest, Place> places = new HashMap<>();

  /**
   * @param folder for layers that have to travel from one registry to another
   */
  public KnownImages(Path folder) {
    this.folder = folder;
  }

  /**
   * Learns an image; one whose configuration does not fit its layers is passed over.
   *
   * @param manifest of one image, not an index
   */
  public void learn(RegistryClient client, Repository repository, Manifest manifest)
      throws RegistryException, InterruptedException {
    JsonNode config = json(client.readBlob(repository, manifest.config(), LARGEST_CONFIG));
    String when = config.path("config").path("Labels").path(BuildOptions.CREATED).asText("");
    if (!when.isEmpty()) {
      created.put(manifest.config().digest(), when);
    }
    JsonNode diffIds = config.path("rootfs").path("diff_ids");
    List<Descriptor> layers = manifest.layers();
    if (diffIds.size() != layers.size()) {
      return;
    }
    Place place = new Place(client, repository);
    for (int i = 0; i < layers.size(); i++) {
      Digest diffId = Digest.parse(diffIds.path(i).asText());
      byDiffId.putIfAbsent(diffId, layers.get(i));
      places.putIfAbsent(layers.get(i).digest(), place);
    }
    byConfig.putIfAbsent(manifest.config().digest(), manifest);
    places.putIfAbsent(manifest.config().digest(), place);
  }

  /** Empty for what is no configuration of an image. */
  private static JsonNode json(byte[] config) {
    try {
      return Json.read(config);
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  /** The image with this configuration, when a registry has it whole. */
  Optional<Manifest> image(Digest config) {
    return Optional.ofNullable(byConfig.get(config));
  }

  /** What the label of the image with this configuration says of when it was made. */
  Optional<String> created(Digest config) {
    return Optional.ofNullable(created.get(config));
  }

  /** The packed layer with this content, when a registry has it. */
  Optional<Descriptor> layer(Digest diffId) {
    return Optional.ofNullable(byDiffId.get(diffId));
  }

  /** The repository that a blob was learnt from; null for an unknown one. */
  @Nullable Repository origin(Descriptor blob) {
    Place place = places.get(blob.digest());
    return place == null ? null : place.repository;
  }

  /** The bytes of a known blob, fetched when they are really needed. */
  BlobContent content(Descriptor blob) {
    Place place = places.get(blob.digest());
    if (place == null) {
      throw new IllegalArgumentException("unknown blob " + blob.digest());
    }
    Path file = folder.resolve(blob.digest().hex() + ".known");
    return () -> {
      try {
        if (!Files.exists(file)) {
          place.client.pullBlob(place.repository, blob, file, (done, total) -> {});
        }
        return Files.newInputStream(file);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw (IOException)
            new InterruptedIOException("interrupted while a layer was fetched").initCause(e);
      }
    };
  }
}
