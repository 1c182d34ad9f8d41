package dev.buildman.agent.engine;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.GlobalScope;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Origin;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.dockerfile.StageGraph;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Platform;
import dev.buildman.proto.agent.FailureCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an engine that reads Dockerfiles itself is going to do.
 *
 * @param globals the global arguments, evaluated
 * @param graph the stages that are needed; such engines skip the others themselves
 * @param platform asked for; null: this machine's
 */
public record BuildPlan(GlobalScope globals, StageGraph graph, @Nullable Platform platform) {

  /**
   * An image that is needed from a registry.
   *
   * @param reference as in the Dockerfile, variables replaced
   * @param platform of its own or the build's; null: this machine's
   * @param user the instruction that needs it
   */
  public record Wanted(String reference, @Nullable Platform platform, Optional<Instruction> user) {}

  /**
   * The plan of a Dockerfile.
   *
   * @throws DockerfileException when its global arguments, its target or a base name are wrong
   */
  public static BuildPlan of(Dockerfile dockerfile, BuildOptions options)
      throws DockerfileException {
    Map<String, String> predefined = new HashMap<>();
    Platform platform = options.platform();
    describe(predefined, "TARGET", platform == null ? Platform.ofThisMachine() : platform);
    describe(predefined, "BUILD", Platform.ofThisMachine());
    GlobalScope globals = GlobalScope.of(dockerfile, options.buildArgs(), predefined);
    return new BuildPlan(globals, StageGraph.of(dockerfile, globals, options.target()), platform);
  }

  private static void describe(Map<String, String> values, String prefix, Platform platform) {
    String variant = platform.variant();
    values.put(prefix + "PLATFORM", platform.toString());
    values.put(prefix + "OS", platform.os());
    values.put(prefix + "ARCH", platform.architecture());
    values.put(prefix + "VARIANT", variant == null ? "" : variant);
  }

  /** The instructions that will run, in their order, each FROM among them. */
  public List<Instruction> instructions() {
    List<Instruction> all = new ArrayList<>();
    for (Stage stage : graph.needed()) {
      all.add(stage.from());
      all.addAll(stage.instructions());
    }
    return all;
  }

  /**
   * The images of registries, without repeats, in the order of the file.
   *
   * @throws DockerfileException when one of them, or its platform, has no valid name
   */
  public List<Wanted> images() throws DockerfileException {
    List<Wanted> images = new ArrayList<>();
    for (String reference : graph.images()) {
      images.add(wanted(reference));
    }
    return images;
  }

  /**
   * The images that are needed and have valid names; the others are an error when they are pulled.
   */
  public List<ImageReference> references() {
    List<ImageReference> references = new ArrayList<>();
    try {
      for (String name : graph.images()) {
        references.add(ImageReference.parse(name));
      }
    } catch (DockerfileException | IllegalArgumentException e) {
      return references;
    }
    return references;
  }

  /**
   * The name of an image, checked.
   *
   * @throws EngineFailure {@code DOCKERFILE_ISSUE} when it is none
   */
  public static ImageReference reference(String name) throws EngineFailure {
    try {
      return ImageReference.parse(name);
    } catch (IllegalArgumentException e) {
      throw EngineFailure.of(
          FailureCode.DOCKERFILE_ISSUE, "the image " + name + " has no valid name", e);
    }
  }

  private Wanted wanted(String reference) throws DockerfileException {
    for (Stage stage : graph.needed()) {
      if (graph.base(stage) instanceof Origin.OfImage(String base) && base.equals(reference)) {
        return new Wanted(reference, platform(stage), Optional.of(stage.from()));
      }
      for (Instruction instruction : stage.instructions()) {
        if (instruction instanceof Instruction.Copy copy && reference.equals(copy.from())) {
          return new Wanted(reference, platform, Optional.of(instruction));
        }
      }
    }
    return new Wanted(reference, platform, Optional.empty());
  }

  /**
   * What a stage is built for: its own platform, else the build's, else this machine's.
   *
   * @throws DockerfileException when its {@code --platform} is none
   */
  public Platform platformOf(Stage stage) throws DockerfileException {
    if (graph.base(stage) instanceof Origin.OfStage(Stage parent)) {
      return platformOf(parent);
    }
    Platform own = platform(stage);
    return own == null ? Platform.ofThisMachine() : own;
  }

  private @Nullable Platform platform(Stage stage) throws DockerfileException {
    String flag = stage.from().platform();
    String text = flag == null ? "" : globals.expansion().word(flag, stage.from().line());
    try {
      return text.isEmpty() ? platform : Platform.parse(text);
    } catch (IllegalArgumentException e) {
      throw new DockerfileException(
          stage.from().line(), "--platform=" + text + " is no platform; write it as linux/arm64.");
    }
  }
}
