package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.BuildPlan;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What Dockerfiles may ask for and buildah 1.28, the oldest that is used, cannot do. */
final class Lacks {
  private Lacks() {}

  /** A sentence with the line of the first instruction that it cannot do. */
  static Optional<String> of(BuildPlan plan) {
    return plan.instructions().stream().flatMap(i -> lack(i).stream()).findFirst();
  }

  private static Optional<String> lack(Instruction instruction) {
    String what =
        switch (instruction) {
          case Instruction.Copy copy -> transfer(copy.files(), copy.flags());
          case Instruction.Add add -> transfer(add.files(), add.flags());
          case Instruction.Run run -> unknownRunFlag(run.flags().keySet());
          default -> "";
        };
    return what.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Dockerfile line %d: buildah does not know %s".formatted(instruction.line(), what));
  }

  private static String transfer(Instruction.Transfer files, Map<String, String> flags) {
    if (!files.heredocs().isEmpty()) {
      return "here-documents";
    }
    if (!files.exclude().isEmpty()) {
      return "--exclude";
    }
    return flags.isEmpty() ? "" : "--" + flags.keySet().iterator().next();
  }

  private static String unknownRunFlag(Set<String> flags) {
    return flags.stream()
        .filter(flag -> !flag.equals("mount") && !flag.equals("network"))
        .findFirst()
        .map(flag -> "--" + flag)
        .orElse("");
  }
}
