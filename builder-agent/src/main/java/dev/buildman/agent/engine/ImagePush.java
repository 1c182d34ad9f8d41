package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.PushOutcome;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import dev.buildman.agent.registry.TransferProgress;
import dev.buildman.proto.agent.FailureCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Pushes an image: all blobs to all repositories, then the images of an index by their digests, the
 * tags last. For one thread.
 */
public final class ImagePush {
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
   * @throws EngineFailure {@code PUSH_ISSUE} when the registry refuses, or what the permit throws
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
    for (ImageReference tag : wanted) {
      tags.put(tag, image.manifest());
    }
    return new PushResult(imageId, List.of(image.manifest().digest().toString()), image.size());
  }

  private void content(ImageReference tag) throws EngineFailure, InterruptedException {
    log.status("The push refers to repository [" + tag.repository() + "]");
    try {
      for (Descriptor blob : image.blobs()) {
        permit.await();
        blob(tag.repository(), blob);
      }
      for (Manifest part : image.images()) {
        permit.await();
        registry.putManifest(tag.withDigest(part.digest()), part);
      }
    } catch (RegistryException e) {
      throw EngineFailure.of(
          FailureCode.PUSH_ISSUE,
          "the image could not be pushed to " + tag + ": " + e.getMessage(),
          e);
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
    try {
      return registry.pushBlob(to, blob, image.content(blob), mountFrom, progress);
    } catch (RegistryException e) {
      // A token for this repository alone is refused when it asks for a second one: then the bytes
      // have to travel.
      if (mountFrom == null || e.kind() != RegistryException.Kind.DENIED) {
        throw e;
      }
      return registry.pushBlob(to, blob, image.content(blob), null, progress);
    }
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
