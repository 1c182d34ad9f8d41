package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.engine.tree.FileTree;
import dev.buildman.agent.engine.tree.Layer;
import dev.buildman.agent.engine.tree.TreeException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The image of a stage while it is being made, or of a registry. Its files are read only when
 * somebody asks for them. For one thread.
 */
final class StageImage {

  private final LayerStore store;
  private final ImageConfig config;
  private final List<Layer> layers;
  private @Nullable FileTree tree;

  StageImage(LayerStore store, ImageConfig config, List<Layer> layers) {
    this.store = store;
    this.config = config;
    this.layers = new ArrayList<>(layers);
  }

  /** An image that begins as this one is now. */
  StageImage copy() {
    StageImage copy = new StageImage(store, config.copy(), layers);
    copy.tree = tree == null ? null : tree.copy();
    return copy;
  }

  ImageConfig config() {
    return config;
  }

  List<Layer> layers() {
    return Collections.unmodifiableList(layers);
  }

  /**
   * The files as they are now; changes to the tree have to be followed by {@link #add} of the layer
   * with the same changes.
   */
  FileTree tree() throws IOException, TreeException, InterruptedException {
    FileTree files = tree;
    if (files == null) {
      files = store.tree(layers);
      tree = files;
    }
    return files;
  }

  /** Adds a layer whose changes the tree has already. */
  void add(Layer layer) {
    layers.add(layer);
  }

  /** Adds a layer that was made without a look at the tree. */
  void addUnseen(Layer layer) {
    layers.add(layer);
    tree = null;
  }
}
