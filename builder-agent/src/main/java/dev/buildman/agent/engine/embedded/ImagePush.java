package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.TagPush;
import dev.buildman.agent.engine.embedded.tree.Layer;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.PushOutcome;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.registry.Repository;
import dev.buildman.agent.registry.TransferProgress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Pushes one image: all blobs to all repositories, then the tags. For one thread. */
final class ImagePush {

  private final RegistryClient registry;
  private final LayerStore store;
  private final PushPermit permit;
  private final EngineLog log;
  private final TransferLog transfers;
  private final TagPush tagging;

  ImagePush(
      RegistryClient registry,
      LayerStore store,
      PushPermit permit,
      EngineLog log,
      TagPush tagging) {
    this.registry = registry;
    this.tagging = tagging;
    this.store = store;
    this.permit = permit;
    this.log = log;
    this.transfers = new TransferLog(log);
  }

  PushResult push(List<ImageReference> tags, List<Layer> layers, ImageDocuments image)
      throws EngineFailure, InterruptedException {
    permit.await();
    Map<Repository, ImageReference> repositories = new LinkedHashMap<>();
    tags.forEach(tag -> repositories.putIfAbsent(tag.repository(), tag));
    for (ImageReference tag : repositories.values()) {
      try {
        content(tag.repository(), layers, image);
      } catch (RegistryException e) {
        throw Failures.push(tag, e);
      }
    }
    for (ImageReference tag : tags) {
      tagging.put(tag, image.manifest());
    }
    String imageId = image.configBlob().digest().toString();
    return new PushResult(imageId, List.of(image.manifest().digest().toString()), image.size());
  }

  private void content(Repository to, List<Layer> layers, ImageDocuments image)
      throws EngineFailure, RegistryException, InterruptedException {
    log.status("The push refers to repository [" + to + "]");
    Set<Digest> sent = new HashSet<>();
    for (Layer layer : layers) {
      if (sent.add(layer.blob().digest())) {
        permit.await();
        report(layer.blob(), send(to, layer), store.origin(layer));
      }
    }
    permit.await();
    registry.pushBlob(
        to, image.configBlob(), BlobContent.of(image.config()), null, TransferProgress.NONE);
  }

  private PushOutcome send(Repository to, Layer layer)
      throws RegistryException, InterruptedException {
    Repository origin = store.origin(layer);
    Repository mountFrom =
        origin != null && origin.registry().equals(to.registry()) && !origin.equals(to)
            ? origin
            : null;
    try {
      return send(to, layer, mountFrom);
    } catch (RegistryException e) {
      // A token for this repository alone is refused when it asks for a second one: then the bytes
      // have to travel.
      if (mountFrom == null || e.kind() != RegistryException.Kind.DENIED) {
        throw e;
      }
      return send(to, layer, null);
    }
  }

  private PushOutcome send(Repository to, Layer layer, @Nullable Repository mountFrom)
      throws RegistryException, InterruptedException {
    return registry.pushBlob(
        to, layer.blob(), store.content(layer), mountFrom, transfers.of(layer.blob(), "Pushing"));
  }

  private void report(Descriptor blob, PushOutcome outcome, @Nullable Repository origin) {
    transfers.done(
        blob,
        switch (outcome) {
          case EXISTED -> "Layer already exists";
          case MOUNTED -> "Mounted from " + (origin == null ? "another repository" : origin.path());
          case PUSHED -> "Pushed";
        });
  }
}
