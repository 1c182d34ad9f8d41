package dev.buildman.agent.dockerfile;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;

/** Any text is a Dockerfile or an error with its line. */
public final class DockerfileFuzz {
  private DockerfileFuzz() {}

  /** One input, as the fuzzer calls it. */
  public static void fuzzerTestOneInput(byte[] data) {
    String text = new String(data, UTF_8);
    long lines = text.lines().count();
    try {
      Dockerfile file = Dockerfile.parse(text);
      GlobalScope globals = GlobalScope.of(file, Map.of("A", "b"), Map.of("TARGETARCH", "amd64"));
      StageGraph graph = StageGraph.of(file, globals, null);
      graph.images();
      for (Stage stage : graph.needed()) {
        walk(stage, globals);
      }
    } catch (DockerfileException e) {
      if (e.line() < 0 || e.line() > lines + 1 || e.problem().isBlank()) {
        throw new AssertionError("an error without its place: " + e.line(), e);
      }
    }
  }

  private static void walk(Stage stage, GlobalScope globals) throws DockerfileException {
    StageScope scope = globals.stage(Map.of());
    for (Instruction instruction : stage.instructions()) {
      switch (instruction) {
        case Instruction.Arg arg -> scope.declare(arg);
        case Instruction.Env env -> scope.set(env);
        case Instruction other -> scope.expansion().words(other.text(), other.line());
      }
    }
  }
}
