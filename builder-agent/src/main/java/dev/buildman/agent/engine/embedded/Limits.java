package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.dockerfile.StageGraph;
import java.util.Optional;

/** What this engine cannot do. */
final class Limits {

  static final String NO_RUN =
      "RUN needs an engine that runs commands and this one (embedded) does not; use"
          + " CONTAINER_RUNTIME buildah, which the Debian package buildah brings.";

  private Limits() {}

  /** What of the needed stages is too much: the line and why; empty when all can be done. */
  static Optional<Excess> of(StageGraph graph) {
    for (Stage stage : graph.needed()) {
      for (Instruction instruction : stage.instructions()) {
        if (instruction instanceof Instruction.Run) {
          return Optional.of(new Excess(instruction.line(), NO_RUN));
        }
      }
    }
    return Optional.empty();
  }

  /** An instruction that is too much. */
  record Excess(int line, String why) {}
}
