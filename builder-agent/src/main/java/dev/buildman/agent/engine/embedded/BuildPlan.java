package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.GlobalScope;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Origin;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.dockerfile.StageGraph;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.registry.Platform;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a build is going to do, known before anything is pulled.
 *
 * @param dockerfile the whole file
 * @param globals its global arguments, evaluated
 * @param graph the stages that are needed
 * @param platform what is built for
 */
record BuildPlan(Dockerfile dockerfile, GlobalScope globals, StageGraph graph, Platform platform) {

  static BuildPlan of(Dockerfile dockerfile, BuildOptions options) throws DockerfileException {
    Platform wanted = options.platform();
    Platform platform = wanted == null ? Platform.ofThisMachine() : wanted;
    GlobalScope globals = GlobalScope.of(dockerfile, options.buildArgs(), predefined(platform));
    return new BuildPlan(
        dockerfile, globals, StageGraph.of(dockerfile, globals, options.target()), platform);
  }

  private static Map<String, String> predefined(Platform target) {
    Map<String, String> values = new HashMap<>();
    describe(values, "TARGET", target);
    describe(values, "BUILD", Platform.ofThisMachine());
    return values;
  }

  private static void describe(Map<String, String> values, String prefix, Platform platform) {
    String variant = platform.variant();
    values.put(prefix + "PLATFORM", platform.toString());
    values.put(prefix + "OS", platform.os());
    values.put(prefix + "ARCH", platform.architecture());
    values.put(prefix + "VARIANT", variant == null ? "" : variant);
  }

  /** What a stage is built for: its {@code --platform}, else the build's. */
  Platform platform(Stage stage) throws DockerfileException {
    String flag = stage.from().platform();
    if (flag == null) {
      return platform;
    }
    String text = globals.expansion().word(flag, stage.from().line());
    try {
      return text.isEmpty() ? platform : Platform.parse(text);
    } catch (IllegalArgumentException e) {
      throw new DockerfileException(
          stage.from().line(), "--platform=" + text + " is no platform; write it as linux/arm64.");
    }
  }

  /** Instructions of the needed stages, each FROM counted. */
  int steps() {
    return graph.needed().stream().mapToInt(stage -> stage.instructions().size() + 1).sum();
  }

  /**
   * Whether the files of what a stage begins with are needed: by the stage, by one that begins with
   * it, or by a copy from either.
   */
  boolean needsFiles(Stage stage) throws DockerfileException {
    for (Stage other : graph.needed()) {
      if (beginsWith(other, stage) && (touchesFiles(other.instructions()) || isCopiedFrom(other))) {
        return true;
      }
    }
    return false;
  }

  private boolean beginsWith(Stage stage, Stage root) {
    Stage current = stage;
    while (current.index() != root.index()) {
      if (!(graph.base(current) instanceof Origin.OfStage(Stage parent))) {
        return false;
      }
      current = parent;
    }
    return true;
  }

  private boolean isCopiedFrom(Stage wanted) throws DockerfileException {
    for (Stage stage : graph.needed()) {
      for (Instruction instruction : stage.instructions()) {
        String from = instruction instanceof Instruction.Copy copy ? copy.from() : null;
        if (from != null
            && graph.source(stage, from, instruction.line()) instanceof Origin.OfStage(Stage source)
            && source.index() == wanted.index()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether an instruction puts files into the image, so that what is there has to be known. */
  static boolean touchesFiles(List<Instruction> instructions) {
    return instructions.stream()
        .anyMatch(
            i ->
                i instanceof Instruction.Copy
                    || i instanceof Instruction.Add
                    || i instanceof Instruction.Workdir);
  }
}
