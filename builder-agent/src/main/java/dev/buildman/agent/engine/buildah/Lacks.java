package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.GitTrees;
import dev.buildman.agent.engine.tree.FileMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What Dockerfiles may ask for and buildah 1.28, the oldest that is used, cannot do. */
final class Lacks {
  /** That change nothing, or that are done before buildah reads the file. */
  private static final Set<String> DONE = Set.of("link", "parents");

  /** Done where sources are repositories, which is known when variables are replaced. */
  static final Set<String> OF_GIT = Set.of("keep-git-dir", "checksum");

  private static final Set<String> RUN_FLAGS = Set.of("mount", "network");

  private Lacks() {}

  /** A sentence with the line of the first instruction that it cannot do. */
  static Optional<String> of(BuildPlan plan) {
    return plan.instructions().stream().flatMap(i -> lack(i).stream()).findFirst();
  }

  private static Optional<String> lack(Instruction instruction) {
    String what =
        switch (instruction) {
          case Instruction.Copy copy -> copy(copy);
          case Instruction.Add add -> add(add);
          case Instruction.Run run -> run(run.flags());
          case Instruction.OnBuild trigger -> trigger(trigger.instruction());
          default -> "";
        };
    return what.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Dockerfile line %d: buildah does not know %s".formatted(instruction.line(), what));
  }

  private static String copy(Instruction.Copy copy) {
    boolean parents = "true".equals(copy.flags().get("parents"));
    String what = parents ? "--parents" : special(copy.files());
    // Files of stages are buildah's until the end, so they cannot be laid out before.
    return copy.from() == null || what.isEmpty() ? "" : what + " with --from";
  }

  private static String special(Instruction.Transfer files) {
    if (!files.exclude().isEmpty()) {
      return "--exclude";
    }
    String chmod = files.chmod();
    return chmod != null && FileMode.isSymbolic(chmod) ? "the symbolic --chmod=" + chmod : "";
  }

  private static String add(Instruction.Add add) {
    Optional<String> flag =
        add.flags().keySet().stream()
            .filter(name -> !DONE.contains(name) && !(OF_GIT.contains(name) && mayBeGit(add)))
            .sorted()
            .findFirst();
    if (flag.isPresent()) {
      return "--" + flag.get() + " of ADD";
    }
    if (!special(add.files()).isEmpty() && !mayBeGit(add)) {
      return special(add.files()) + " of ADD";
    }
    return add.files().heredocs().isEmpty() || add.files().sources().isEmpty()
        ? ""
        : "ADD of here-documents together with other sources";
  }

  private static boolean mayBeGit(Instruction.Add add) {
    return add.files().sources().stream()
        .anyMatch(source -> GitTrees.Address.is(source) || source.contains("$"));
  }

  private static String run(Map<String, List<String>> flags) {
    Optional<String> flag =
        flags.keySet().stream().filter(name -> !RUN_FLAGS.contains(name)).sorted().findFirst();
    if (flag.isPresent()) {
      return "--" + flag.get();
    }
    return flags.getOrDefault("mount", List.of()).stream()
            .map(mount -> List.of(mount.split(",")))
            .anyMatch(
                m -> m.contains("type=secret") && m.stream().anyMatch(f -> f.startsWith("env=")))
        ? "secrets in variables (env=); use a file"
        : "";
  }

  private static String trigger(Instruction instruction) {
    return switch (instruction) {
      case Instruction.Copy copy when StagedCopy.isNeeded(copy.files(), copy.flags()) ->
          "here-documents, --parents, --exclude and symbolic modes in ONBUILD";
      case Instruction.Run run when !run.heredocs().isEmpty() -> "here-documents in ONBUILD";
      default -> lack(instruction).isPresent() ? "what stands after ONBUILD" : "";
    };
  }
}
