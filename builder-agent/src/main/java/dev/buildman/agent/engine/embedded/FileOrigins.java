package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.dockerfile.Origin;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.tree.ContextReader;
import dev.buildman.agent.engine.tree.FileTree;
import dev.buildman.agent.engine.tree.TreeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where COPY and ADD find files: the context, stages and images. For one thread. */
final class FileOrigins {

  private final Path folder;
  private final IgnoreFile ignore;
  private final BuildPlan plan;
  private final BaseImages images;
  private final Map<Integer, StageImage> stages = new HashMap<>();
  private @Nullable FileTree context;

  /**
   * @param folder the context with every link on its own path followed
   * @param ignore what of it the build does not see
   */
  FileOrigins(Path folder, IgnoreFile ignore, BuildPlan plan, BaseImages images) {
    this.folder = folder;
    this.ignore = ignore;
    this.plan = plan;
    this.images = images;
  }

  /** Notes a finished stage. */
  void finished(Stage stage, StageImage image) {
    stages.put(stage.index(), image);
  }

  /** What a stage begins with, free to be changed. */
  StageImage base(Stage stage, LayerStore store)
      throws EngineFailure, DockerfileException, InterruptedException {
    return switch (plan.graph().base(stage)) {
      case Origin.Scratch scratch ->
          new StageImage(store, ImageConfig.scratch(plan.platform(stage)), List.of());
      case Origin.OfStage(Stage parent) -> stage(parent).copy();
      case Origin.OfImage(String reference) -> images.get(reference, plan.platform(stage));
    };
  }

  private StageImage stage(Stage stage) {
    StageImage image = stages.get(stage.index());
    if (image == null) {
      throw new IllegalStateException("stage " + stage.label() + " is not built yet");
    }
    return image;
  }

  /** The context as the build may see it. */
  FileTree context() throws IOException {
    FileTree tree = context;
    if (tree == null) {
      tree = ContextReader.read(folder, ignore);
      context = tree;
    }
    return tree;
  }

  /** The file of this machine behind a path of the context that has no link on it. */
  Path contextFile(String path) {
    return folder.resolve(path);
  }

  /** Whether the context has the path and its ignore file hides it. */
  boolean isIgnored(String path) {
    return ignore.ignores(path) && Files.exists(folder.resolve(path), LinkOption.NOFOLLOW_LINKS);
  }

  /** The files of what a {@code --from} in the stage names. */
  FileTree from(Stage stage, String from, int line)
      throws EngineFailure, DockerfileException, TreeException, IOException, InterruptedException {
    return switch (plan.graph().source(stage, from, line)) {
      case Origin.Scratch scratch -> new FileTree();
      case Origin.OfStage(Stage source) -> stage(source).tree();
      case Origin.OfImage(String reference) -> images.tree(reference, plan.platform());
    };
  }
}
