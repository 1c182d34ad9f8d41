package dev.buildman.agent.engine;

import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Repository;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A built image, or several of one index, ready to be pushed. */
public interface PushableImage {

  /** What the tags are to name: an image's manifest or an index. */
  Manifest manifest();

  /** The images of the index that are here; empty when {@link #manifest} is one image. */
  default List<Manifest> images() {
    return List.of();
  }

  /** The bytes of one of its blobs. */
  BlobContent content(Descriptor blob);

  /** Where a blob of a base image came from; null for what this build made. */
  default @Nullable Repository origin(Descriptor blob) {
    return null;
  }

  /** Layers and configurations, each once. */
  default List<Descriptor> blobs() {
    List<Descriptor> blobs = new ArrayList<>();
    for (Manifest image : manifest().isIndex() ? images() : List.of(manifest())) {
      blobs.addAll(image.layers());
      blobs.add(image.config());
    }
    return blobs.stream().distinct().toList();
  }

  /** Compressed layers and configurations together, bytes. */
  default long size() {
    return blobs().stream().mapToLong(Descriptor::size).sum();
  }
}
