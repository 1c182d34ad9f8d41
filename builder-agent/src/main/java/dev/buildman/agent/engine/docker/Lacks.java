package dev.buildman.agent.engine.docker;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.GitTrees;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What Dockerfiles may ask for and daemons cannot do: Docker's classic builder in every version,
 * Podman's from 4.3 on.
 */
final class Lacks {
  private Lacks() {}

  /** A sentence, with the line of the first instruction that it cannot do. */
  static Optional<String> of(BuildPlan plan, BuildOptions options, DaemonKind kind) {
    Optional<String> lack = of(plan, kind);
    boolean asked = !options.run().secrets().isEmpty() || !options.run().sshKeys().isEmpty();
    return lack.isEmpty() && asked
        ? Optional.of(
            "a daemon of "
                + kind.word()
                + " gives RUN no secrets and no SSH keys; use buildx or"
                + " buildah")
        : lack;
  }

  private static Optional<String> of(BuildPlan plan, DaemonKind kind) {
    return plan.instructions().stream().flatMap(i -> lack(i, kind).stream()).findFirst();
  }

  private static Optional<String> lack(Instruction instruction, DaemonKind kind) {
    String what =
        switch (instruction) {
          case Instruction.Copy copy -> transfer(copy.files(), copy.flags(), kind);
          case Instruction.Add add ->
              add.files().sources().stream().anyMatch(GitTrees.Address::is)
                  ? "ADD from git; use buildah, buildx or embedded"
                  : transfer(add.files(), add.flags(), kind);
          case Instruction.Run run -> run(run.flags().keySet(), kind);
          default -> "";
        };
    return what.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Dockerfile line %d: %s does not know %s"
                .formatted(
                    instruction.line(),
                    kind == DaemonKind.DOCKER ? "Docker's classic builder" : "Podman's builder",
                    what));
  }

  private static String transfer(
      Instruction.Transfer files, Map<String, String> flags, DaemonKind kind) {
    if (!files.heredocs().isEmpty()) {
      return "here-documents";
    }
    if (!files.exclude().isEmpty()) {
      return "--exclude";
    }
    String chmod = files.chmod();
    if (chmod != null && kind == DaemonKind.DOCKER) {
      return "--chmod";
    }
    if (chmod != null && !chmod.contains("$") && !chmod.matches("[0-7]+")) {
      return "--chmod in symbols";
    }
    return flags.isEmpty() ? "" : "--" + flags.keySet().iterator().next();
  }

  private static String run(Set<String> flags, DaemonKind kind) {
    Set<String> known = kind == DaemonKind.DOCKER ? Set.of() : Set.of("mount", "network");
    return flags.stream()
        .filter(flag -> !known.contains(flag))
        .findFirst()
        .map(flag -> "--" + flag)
        .orElse("");
  }
}
