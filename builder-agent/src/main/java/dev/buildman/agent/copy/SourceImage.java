package dev.buildman.agent.copy;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import dev.buildman.proto.agent.FailureCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

/** An image of a registry: its manifests are here, its blobs come when they are sent on. */
public final class SourceImage implements PushableImage {
  /** Of indexes in indexes; nobody makes more than two. */
  private static final int MAX_DEPTH = 4;

  private static final int MAX_MANIFESTS = 1000;

  private final RegistryClient registry;
  private final Repository repository;
  private final Manifest root;
  private final Map<Digest, Manifest> below = new LinkedHashMap<>();
  private final Queue<RegistryException> failures = new ConcurrentLinkedQueue<>();

  private SourceImage(RegistryClient registry, Repository repository, Manifest root) {
    this.registry = registry;
    this.repository = repository;
    this.root = root;
  }

  static SourceImage read(RegistryClient registry, ImageReference from)
      throws EngineFailure, RegistryException, InterruptedException {
    Manifest root = registry.manifest(from);
    SourceImage image = new SourceImage(registry, from.repository(), root);
    image.descend(root, from, 1);
    return image;
  }

  /** What an index names comes before it, as registries want it. */
  private void descend(Manifest index, ImageReference from, int depth)
      throws EngineFailure, RegistryException, InterruptedException {
    for (Descriptor part : index.images()) {
      if (below.containsKey(part.digest())) {
        continue;
      }
      if (depth > MAX_DEPTH || below.size() == MAX_MANIFESTS) {
        throw EngineFailure.of(
            FailureCode.CANNOT_PULL_BASE_IMAGE,
            "%s has more than %d manifests, or indexes in indexes deeper than %d"
                .formatted(from, MAX_MANIFESTS, MAX_DEPTH));
      }
      Manifest manifest = registry.manifest(from.withDigest(part.digest()));
      descend(manifest, from, depth + 1);
      below.put(manifest.digest(), manifest);
    }
  }

  @Override
  public Manifest manifest() {
    return root;
  }

  @Override
  public List<Manifest> images() {
    return List.copyOf(below.values());
  }

  /** Digest of the configuration, of the first platform where there are several. */
  public String imageId() {
    return single()
        .findFirst()
        .map(image -> image.config().digest().toString())
        .orElse(root.digest().toString());
  }

  /** By digest, in the repository that it came from. */
  public ImageReference pinned() {
    return new ImageReference(repository, null, root.digest());
  }

  private Stream<Manifest> single() {
    return Stream.concat(below.values().stream(), Stream.of(root))
        .filter(manifest -> !manifest.isIndex());
  }

  @Override
  public List<Descriptor> blobs() {
    Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
    single()
        .forEach(
            image -> {
              image.layers().stream()
                  .filter(SourceImage::isDistributed)
                  .forEach(layer -> blobs.putIfAbsent(layer.digest(), layer));
              blobs.putIfAbsent(image.config().digest(), image.config());
            });
    return new ArrayList<>(blobs.values());
  }

  /** Some layers of Windows may be had from their maker only, and lie in no other registry. */
  private static boolean isDistributed(Descriptor layer) {
    String type = layer.mediaType();
    return !type.contains(".foreign.") && !type.contains(".nondistributable.");
  }

  @Override
  public Repository origin(Descriptor blob) {
    return repository;
  }

  @Override
  public BlobContent content(Descriptor blob) {
    BlobContent content = registry.content(repository, blob);
    return new BlobContent() {
      @Override
      public InputStream open() throws IOException {
        return new Watched(content.open());
      }

      @Override
      public InputStream openAt(long offset) throws IOException {
        return new Watched(content.openAt(offset));
      }
    };
  }

  /** Why its blobs could not be had, if a push failed because of that. */
  Optional<RegistryException> failure() {
    return Optional.ofNullable(failures.peek());
  }

  /** Remembers which of the two registries was at fault. */
  private final class Watched extends FilterInputStream {
    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (RegistryException e) {
        failures.add(e);
        throw e;
      }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return super.read(target, offset, length);
      } catch (RegistryException e) {
        failures.add(e);
        throw e;
      }
    }
  }
}
