package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.PushOutcome;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import dev.buildman.agent.registry.TransferProgress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Pushes an image: all blobs to all repositories, a few at a time, then its manifests by their
 * digests, the tags last. A tag is only ever put for an image that is whole in its repository. For
 * one thread.
 */
public final class ImagePush {
  /** As many as Docker pushes at once is 5; each takes a connection and a file's buffer. */
  private static final int PARALLEL = 4;

  private static final int ID_LENGTH = 12;
  private static final int LINES = 10; // for each layer
  private static final long SMALLEST_STEP = 1L << 20;

  private final RegistryClient registry;
  private final PushableImage image;
  private final PushPermit permit;
  private final EngineLog log;
  private final TagPush tags;

  /** A push of this image with the build's clients. */
  public ImagePush(RegistryClients clients, PushableImage image, PushPermit permit, EngineLog log) {
    this.registry = clients.push();
    this.image = image;
    this.permit = permit;
    this.log = log;
    this.tags = clients.tags(permit, log);
  }

  /**
   * Pushes to every tag.
   *
   * @param imageId digest of the configuration, which the result names
   * @throws EngineFailure what {@link RegistryFailures#push} makes of a refusal, or what the permit
   *     throws
   */
  public PushResult run(List<ImageReference> references, String imageId)
      throws EngineFailure, InterruptedException {
    permit.await();
    List<ImageReference> wanted = references.stream().distinct().toList();
    Map<Repository, ImageReference> repositories = new LinkedHashMap<>();
    wanted.forEach(tag -> repositories.putIfAbsent(tag.repository(), tag));
    for (ImageReference tag : repositories.values()) {
      content(tag);
    }
    putTags(wanted);
    return new PushResult(imageId, List.of(image.manifest().digest().toString()), image.size());
  }

  private void putTags(List<ImageReference> wanted) throws EngineFailure, InterruptedException {
    List<String> put = new ArrayList<>();
    for (ImageReference tag : wanted) {
      try {
        tags.put(tag, image.manifest());
      } catch (EngineFailure e) {
        throw put.isEmpty()
            ? e
            : EngineFailure.of(
                e.code(), e.message() + " (put before: " + String.join(", ", put) + ")", e);
      }
      put.add(tag.toString());
    }
  }

  private void content(ImageReference tag) throws EngineFailure, InterruptedException {
    log.status("The push refers to repository [" + tag.repository() + "]");
    try {
      blobs(tag.repository());
      try {
        manifests(tag);
      } catch (RegistryException e) {
        if (e.kind() != RegistryException.Kind.INCOMPLETE) {
          throw e;
        }
        // A blob that was said to be there was not, or was cleaned away meanwhile.
        blobs(tag.repository());
        manifests(tag);
      }
    } catch (RegistryException e) {
      throw RegistryFailures.push(tag, e);
    }
  }

  private void blobs(Repository to) throws EngineFailure, RegistryException, InterruptedException {
    List<Parallel.Transfer> transfers = new ArrayList<>();
    for (Descriptor blob : image.blobs()) {
      transfers.add(
          () -> {
            permit.await();
            blob(to, blob);
          });
    }
    Parallel.run(PARALLEL, "layer-push", transfers);
  }

  /** The image that a tag is put for last is there under its digest before. */
  private void manifests(ImageReference tag)
      throws EngineFailure, RegistryException, InterruptedException {
    for (Manifest part : image.images()) {
      permit.await();
      registry.putManifest(tag.withDigest(part.digest()), part);
    }
    permit.await();
    try {
      registry.putManifest(tag.withDigest(image.manifest().digest()), image.manifest());
    } catch (RegistryException e) {
      if (e.kind() != RegistryException.Kind.UNSUPPORTED) {
        throw e;
      }
      // A registry that takes tags only gets the manifest with them.
    }
  }

  private void blob(Repository to, Descriptor blob) throws RegistryException, InterruptedException {
    String id = blob.digest().hex().substring(0, ID_LENGTH);
    Repository origin = image.origin(blob);
    String status =
        switch (send(to, blob, mountable(origin, to), progress(id, blob.size()))) {
          case EXISTED -> "Layer already exists";
          case MOUNTED -> "Mounted from " + (origin == null ? "another repository" : origin.path());
          case PUSHED -> "Pushed";
        };
    log.progress(id, status, blob.size(), blob.size());
  }

  private static @Nullable Repository mountable(@Nullable Repository origin, Repository to) {
    return origin != null && origin.registry().equals(to.registry()) && !origin.equals(to)
        ? origin
        : null;
  }

  private PushOutcome send(
      Repository to, Descriptor blob, @Nullable Repository mountFrom, TransferProgress progress)
      throws RegistryException, InterruptedException {
    return registry.pushBlob(to, blob, image.content(blob), mountFrom, progress);
  }

  private TransferProgress progress(String id, long size) {
    long step = Math.max(SMALLEST_STEP, size / LINES);
    AtomicLong next = new AtomicLong(step);
    return (done, total) -> {
      long due = next.get();
      if (done >= due && next.compareAndSet(due, done + step)) {
        log.progress(id, "Pushing", done, total);
      }
    };
  }
}
