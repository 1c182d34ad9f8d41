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
  private static final String MODULES = ".gitmodules";
  private static final List<String> DECLARED = List.of("--file", MODULES);
  private static final long MAX_BYTES = 256 << 10; // of a .gitmodules
  private static final int MAX_DEPTH = 10;
  private static final int MAX_MODULES = 200;

  private final Git git;
  private final GitTries tries;
  private final List<Path> trees = new ArrayList<>();
  private int modules;

  GitSubmodules(Git git, GitTries tries) {
    this.git = git;
    this.tries = tries;
  }

  /**
   * @param directory a working tree
   * @return the working trees of all submodules
   */
  List<Path> run(Path directory) throws SourceFailure, InterruptedException, IOException {
    run(directory.toRealPath(), 1);
    return List.copyOf(trees);
  }

  private void run(Path directory, int depth)
      throws SourceFailure, InterruptedException, IOException {
    Path file = directory.resolve(MODULES);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (Files.size(file) > MAX_BYTES) {
      throw new SourceFailure(
          FailureCode.GIT_FAILURE, "the repository's .gitmodules is larger than 256 KiB");
    }
    List<String> paths = values(directory, DECLARED, "path");
    for (String url : values(directory, DECLARED, "url")) {
      check(url);
    }
    initialise(directory);
    modules += paths.size();
    if (depth > MAX_DEPTH || modules > MAX_MODULES) {
      throw new SourceFailure(
          FailureCode.GIT_FAILURE,
          "the repository has more than %d submodules, or they are deeper than %d"
              .formatted(MAX_MODULES, MAX_DEPTH));
    }
    update(directory);
    for (String path : paths) {
      Path tree = inside(directory, path);
      trees.add(tree);
      run(tree, depth + 1);
    }
  }

  /** Lets git resolve relative addresses, and checks what came of it. */
  private void initialise(Path directory) throws SourceFailure, InterruptedException {
    Git.Result result = git.run(directory, "submodule", "--quiet", "init", "--");
    if (!result.ok()) {
      throw new SourceFailure(
          FailureCode.GIT_FAILURE, "a submodule's address is of no use: " + result.words());
    }
    for (String url : values(directory, List.of("--local"), "url")) {
      absolute(url);
    }
  }

  private static void check(String url) throws SourceFailure {
    if (!url.startsWith("./") && !url.startsWith("../")) {
      absolute(url);
    }
  }

  private static void absolute(String url) throws SourceFailure {
    try {
      GitUrl.parse(url);
    } catch (SourceFailure e) {
      throw new SourceFailure(FailureCode.GIT_FAILURE, "of a submodule, " + e.message(), e);
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

  private List<String> values(Path directory, List<String> where, String key)
      throws SourceFailure, InterruptedException {
    List<String> command = new ArrayList<>(List.of("config", "--no-includes"));
    command.addAll(where);
    command.addAll(List.of("--null", "--get-regexp", "^submodule\\..*\\." + key + "$"));
    Git.Result result = git.run(directory, command.toArray(String[]::new));
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
    Git.Result shallow = tries.run(directory, command("--depth=1"));
    if (shallow.ok()) {
      return;
    }
    // A server that hands out no single commits, or none shallow.
    Git.Result whole = tries.run(directory, command("--no-single-branch"));
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
