package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.TagPush;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.PushOutcome;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import dev.buildman.agent.registry.TransferProgress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Pushes an exported image: all blobs to all repositories, then the tags. For one thread. */
final class ImagePush {
  private static final int ID_LENGTH = 12;
  private static final int LINES = 10; // for each layer
  private static final long SMALLEST_STEP = 1L << 20;

  private final RegistryClient registry;
  private final Export image;
  private final PushPermit permit;
  private final EngineLog log;
  private final TagPush tags;

  ImagePush(RegistryClient registry, Export image, PushPermit permit, EngineLog log, TagPush tags) {
    this.registry = registry;
    this.image = image;
    this.permit = permit;
    this.log = log;
    this.tags = tags;
  }

  PushResult run(List<ImageReference> references) throws EngineFailure, InterruptedException {
    permit.await();
    Map<Repository, ImageReference> repositories = new LinkedHashMap<>();
    references.forEach(tag -> repositories.putIfAbsent(tag.repository(), tag));
    for (ImageReference tag : repositories.values()) {
      log.status("The push refers to repository [" + tag.repository() + "]");
      for (Descriptor blob : image.blobs()) {
        permit.await();
        blob(tag, blob);
      }
    }
    for (ImageReference tag : references) {
      tags.put(tag, image.manifest());
    }
    return new PushResult(
        image.imageId().toString(), List.of(image.manifest().digest().toString()), image.size());
  }

  private void blob(ImageReference tag, Descriptor blob)
      throws EngineFailure, InterruptedException {
    String id = blob.digest().hex().substring(0, ID_LENGTH);
    try {
      PushOutcome outcome =
          registry.pushBlob(
              tag.repository(), blob, image.content(blob), null, progress(id, blob.size()));
      String status = outcome == PushOutcome.PUSHED ? "Pushed" : "Layer already exists";
      log.progress(id, status, blob.size(), blob.size());
    } catch (RegistryException e) {
      throw Failures.push(tag, e);
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
