package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.Expansion;
import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Origin;
import dev.buildman.agent.dockerfile.Rewriting;
import dev.buildman.agent.dockerfile.RunScripts;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.dockerfile.StageScope;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.ContextFiles;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.GitAdd;
import dev.buildman.agent.engine.GitTrees;
import dev.buildman.agent.engine.tree.ContextReader;
import dev.buildman.agent.engine.tree.FileTree;
import dev.buildman.agent.engine.tree.TreeException;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes the Dockerfile that buildah is given: the author's, with what buildah cannot do replaced
 * by what it can. Lines stay where they are. For one thread.
 */
final class Preparation {
  /** The name under which buildah finds staged files. */
  static final String CONTEXT = "buildman-staged";

  private final BuildRequest request;
  private final BuildPlan plan;
  private final BaseLayers bases;
  private final Path staged;
  private final EngineLog log;
  private final Map<Integer, String> replacements = new TreeMap<>();
  private final Map<Integer, Map<String, String>> environments = new HashMap<>();
  private @Nullable FileTree context;

  /**
   * @param bases of the images that were pulled
   * @param staged an existing empty folder
   * @param log for repositories that are fetched
   */
  Preparation(BuildRequest request, BuildPlan plan, BaseLayers bases, Path staged, EngineLog log) {
    this.log = log;
    this.request = request;
    this.plan = plan;
    this.bases = bases;
    this.staged = staged;
  }

  /**
   * The text that buildah reads.
   *
   * @param text the author's
   * @param fixed values of build arguments that cannot be handed over in the environment
   */
  String rewrite(String text, Map<String, String> fixed)
      throws DockerfileException, EngineFailure, IOException, InterruptedException {
    Dockerfile dockerfile = Dockerfile.parse(text);
    for (Instruction.Arg arg : dockerfile.globalArguments()) {
      replace(dockerfile, arg, fixed);
    }
    for (Stage stage : plan.graph().needed()) {
      StageScope scope = plan.globals().stage(environment(stage));
      for (Instruction instruction : stage.instructions()) {
        try {
          prepare(instruction, scope);
        } catch (TreeException e) {
          throw failure(instruction, e);
        }
        if (instruction instanceof Instruction.Arg arg) {
          replace(dockerfile, arg, fixed);
        }
      }
      environments.put(stage.index(), Map.copyOf(scope.environment()));
    }
    return Rewriting.of(RunScripts.inline(text), replacements);
  }

  private Map<String, String> environment(Stage stage) {
    return switch (plan.graph().base(stage)) {
      case Origin.Scratch _ -> Map.of();
      case Origin.OfStage(Stage parent) -> environments.getOrDefault(parent.index(), Map.of());
      case Origin.OfImage(String reference) -> bases.environment(reference);
    };
  }

  private void replace(Dockerfile dockerfile, Instruction.Arg arg, Map<String, String> fixed)
      throws DockerfileException {
    if (arg.arguments().stream().anyMatch(pair -> fixed.containsKey(pair.name()))) {
      replacements.put(arg.line(), Rewriting.arg(dockerfile, arg, fixed));
    }
  }

  private void prepare(Instruction instruction, StageScope scope)
      throws DockerfileException, TreeException, EngineFailure, IOException, InterruptedException {
    switch (instruction) {
      case Instruction.Arg arg -> scope.declare(arg);
      case Instruction.Env env -> scope.set(env);
      case Instruction.Copy copy -> transfer(copy, copy.files(), copy.flags(), scope);
      case Instruction.Add add -> transfer(add, add.files(), add.flags(), scope);
      default -> {}
    }
  }

  private void transfer(
      Instruction instruction,
      Instruction.Transfer files,
      Map<String, String> flags,
      StageScope scope)
      throws DockerfileException, TreeException, EngineFailure, IOException, InterruptedException {
    boolean git =
        instruction instanceof Instruction.Add
            && isOfGit(files, flags, scope.expansion(), instruction.line());
    if (git || StagedCopy.isNeeded(files, flags)) {
      StagedCopy copy =
          new StagedCopy(
              staged,
              files,
              scope.expansion(),
              instruction.line(),
              source -> repository(source, flags, scope.expansion(), instruction.line()));
      boolean parents = "true".equals(flags.get("parents"));
      replacements.put(instruction.line(), copy.lay(context(files), parents, fileTime(), CONTEXT));
    } else if (flags.containsKey("link")) {
      // Only a hint: without it the layer has the same files.
      replacements.put(
          instruction.line(), instruction.text().replaceFirst("\\s--link(=\\S*)?(?=\\s)", ""));
    }
  }

  private static boolean isOfGit(
      Instruction.Transfer files, Map<String, String> flags, Expansion expansion, int line)
      throws DockerfileException {
    int repositories = 0;
    for (String source : files.sources()) {
      repositories += GitTrees.Address.is(expansion.word(source, line)) ? 1 : 0;
    }
    if (repositories == 0) {
      if (Lacks.OF_GIT.stream().anyMatch(flags::containsKey)) {
        throw new DockerfileException(
            line, "buildah does not know " + Lacks.OF_GIT + " of ADD but for repositories.");
      }
      return false;
    }
    if (repositories < files.sources().size()) {
      throw new DockerfileException(
          line, "buildah does not know ADD from git together with other sources.");
    }
    return true;
  }

  private FileTree repository(
      String source, Map<String, String> flags, Expansion expansion, int line)
      throws DockerfileException, EngineFailure, IOException, InterruptedException {
    Map<String, String> expanded = new HashMap<>(flags);
    if (flags.containsKey("checksum")) {
      expanded.put("checksum", expansion.word(flags.get("checksum"), line));
    }
    return ContextReader.read(
        GitAdd.folder(request.context().git(), source, expanded, line, log),
        IgnoreFile.ofPatterns(List.of(), line));
  }

  /** Read only for instructions that take files of it. */
  private FileTree context(Instruction.Transfer files) throws EngineFailure, IOException {
    if (files.sources().stream().allMatch(GitTrees.Address::is)) {
      return new FileTree();
    }
    FileTree tree = context;
    if (tree == null) {
      tree =
          ContextReader.read(
              request.context().directory().toRealPath(),
              new ContextFiles(request.context()).ignoreFile());
      context = tree;
    }
    return tree;
  }

  private long fileTime() throws IOException {
    return Files.getLastModifiedTime(request.context().dockerfile()).toInstant().getEpochSecond();
  }

  private static EngineFailure failure(Instruction instruction, TreeException e) {
    return EngineFailure.of(
            FailureCode.BUILD_ERROR,
            "Dockerfile line %d: %s: %s"
                .formatted(instruction.line(), instruction.text(), e.getMessage()),
            e)
        .at(instruction.text(), instruction.line());
  }

  /**
   * What buildah prints for each of the instructions.
   *
   * @param rewritten the text that it reads
   */
  static List<String> printed(String rewritten, List<Instruction> instructions)
      throws DockerfileException {
    Map<Integer, String> byLine = new HashMap<>();
    for (Stage stage : Dockerfile.parse(rewritten).stages()) {
      byLine.put(stage.from().line(), stage.from().text());
      stage.instructions().forEach(i -> byLine.put(i.line(), i.text()));
    }
    return instructions.stream().map(i -> byLine.getOrDefault(i.line(), i.text())).toList();
  }
}
