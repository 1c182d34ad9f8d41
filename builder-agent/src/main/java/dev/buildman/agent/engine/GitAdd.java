package dev.buildman.agent.engine;

import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** One repository that an ADD names. */
public final class GitAdd {
  private GitAdd() {}

  /**
   * The folder with its files.
   *
   * @param source of ADD, variables replaced
   * @param flags of ADD, variables replaced: {@code keep-git-dir}, {@code checksum}
   */
  public static Path folder(
      GitTrees trees, String source, Map<String, String> flags, int line, EngineLog log)
      throws EngineFailure, InterruptedException {
    GitTrees.Address address = GitTrees.Address.parse(source);
    GitTrees.Tree tree = trees.fetch(address, "true".equals(flags.get("keep-git-dir")), log);
    String checksum = flags.getOrDefault("checksum", "").toLowerCase(Locale.ROOT);
    if (!checksum.isEmpty() && !tree.commit().startsWith(checksum)) {
      throw EngineFailure.of(
          FailureCode.BUILD_ERROR,
          "Dockerfile line %d: ADD from git: commit %s came, which is not --checksum=%s"
              .formatted(line, tree.commit(), checksum));
    }
    return tree.folder();
  }
}
