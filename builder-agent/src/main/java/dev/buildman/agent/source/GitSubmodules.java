package dev.buildman.agent.source;

import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Fetches submodules, level by level, so that each address is looked at before git uses it. */
final class GitSubmodules {
  private static final int MAX_DEPTH = 10;
  private static final int MAX_MODULES = 200;

  private final Git git;
  private int modules;

  GitSubmodules(Git git) {
    this.git = git;
  }

  /**
   * @param directory a working tree
   */
  void run(Path directory) throws SourceFailure, InterruptedException, IOException {
    run(directory.toRealPath(), 1);
  }

  private void run(Path directory, int depth)
      throws SourceFailure, InterruptedException, IOException {
    Path file = directory.resolve(".gitmodules");
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    List<String> paths = values(directory, "path");
    for (String url : values(directory, "url")) {
      check(url);
    }
    modules += paths.size();
    if (depth > MAX_DEPTH || modules > MAX_MODULES) {
      throw new SourceFailure(
          FailureCode.GIT_FAILURE,
          "the repository has more than %d submodules, or they are deeper than %d"
              .formatted(MAX_MODULES, MAX_DEPTH));
    }
    update(directory);
    for (String path : paths) {
      run(inside(directory, path), depth + 1);
    }
  }

  /** Relative ones lead to the same server, which git resolves itself. */
  private static void check(String url) throws SourceFailure {
    if (!url.startsWith("./") && !url.startsWith("../")) {
      try {
        GitUrl.parse(url);
      } catch (SourceFailure e) {
        throw new SourceFailure(FailureCode.GIT_FAILURE, "of a submodule, " + e.message(), e);
      }
    }
  }

  private static Path inside(Path directory, String path) throws SourceFailure, IOException {
    Optional<Path> inside = Inside.resolve(directory, path);
    if (path.startsWith("/") || inside.isEmpty() || inside.get().equals(directory)) {
      throw new SourceFailure(
          FailureCode.GIT_FAILURE, "a submodule lies outside of its repository: " + path);
    }
    return inside.get();
  }

  private List<String> values(Path directory, String key)
      throws SourceFailure, InterruptedException {
    Git.Result result =
        git.run(
            directory,
            "config",
            "--no-includes",
            "--file",
            ".gitmodules",
            "--null",
            "--get-regexp",
            "^submodule\\..*\\." + key + "$");
    List<String> values = new ArrayList<>();
    for (String pair : result.output().split("\0", -1)) {
      int end = pair.indexOf('\n');
      if (end >= 0) {
        values.add(pair.substring(end + 1));
      }
    }
    return values;
  }

  private void update(Path directory) throws SourceFailure, InterruptedException {
    Git.Result shallow = git.run(directory, command("--depth=1"));
    if (shallow.ok()) {
      return;
    }
    // A server that hands out no single commits, or none shallow.
    Git.Result whole = git.run(directory, command("--no-single-branch"));
    if (!whole.ok()) {
      throw new SourceFailure(
          FailureCode.GIT_FAILURE, "a submodule cannot be fetched: " + whole.words());
    }
  }

  private static String[] command(String depth) {
    return new String[] {
      "submodule", "--quiet", "update", "--init", "--checkout", "--force", depth, "--"
    };
  }
}
