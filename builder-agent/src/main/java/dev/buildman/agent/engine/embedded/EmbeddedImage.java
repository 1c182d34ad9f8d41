package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.engine.tree.Layer;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Repository;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A built image as it is pushed: layers of bases come from where they were, when they must. */
final class EmbeddedImage implements PushableImage {
  private final LayerStore store;
  private final ImageDocuments documents;
  private final Map<Digest, Layer> layers = new HashMap<>();

  EmbeddedImage(LayerStore store, ImageDocuments documents, List<Layer> layers) {
    this.store = store;
    this.documents = documents;
    layers.forEach(layer -> this.layers.putIfAbsent(layer.blob().digest(), layer));
  }

  @Override
  public Manifest manifest() {
    return documents.manifest();
  }

  @Override
  public BlobContent content(Descriptor blob) {
    Layer layer = layers.get(blob.digest());
    return layer == null ? BlobContent.of(documents.config()) : store.content(layer);
  }

  @Override
  public @Nullable Repository origin(Descriptor blob) {
    Layer layer = layers.get(blob.digest());
    return layer == null ? null : store.origin(layer);
  }
}
