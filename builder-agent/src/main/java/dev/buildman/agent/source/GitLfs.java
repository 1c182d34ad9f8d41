package dev.buildman.agent.source;

import dev.buildman.agent.process.Processes;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fetches the files that a repository keeps in Git LFS, of which git alone checks out pointers: a
 * build of these would be a build of something else.
 */
final class GitLfs {
  static final String PROGRAM = "git-lfs";

  private static final int MAX_POINTER = 1024; // bytes, as the specification has it
  private static final List<String> BEGINS =
      List.of(
          "version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/");
  private static final String ADDRESSES = "^(lfs\\.url|lfs\\.pushurl|remote\\..*\\.lfsurl)$";

  /** What {@code git lfs install} would write into a configuration that is not there. */
  private static final String[] PULL = {
    "-c", "filter.lfs.process=git-lfs filter-process",
    "-c", "filter.lfs.smudge=git-lfs smudge -- %f",
    "-c", "filter.lfs.clean=git-lfs clean -- %f",
    "-c", "filter.lfs.required=true",
    "lfs", "pull"
  };

  private final Git git;
  private final GitTries tries;
  private final Processes processes;
  private final SourceLog log;

  GitLfs(Git git, GitTries tries, Processes processes, SourceLog log) {
    this.git = git;
    this.tries = tries;
    this.processes = processes;
    this.log = log;
  }

  /**
   * @param tree a working tree
   * @throws SourceFailure GIT_FAILURE when files are in LFS and cannot be had
   */
  void run(Path tree) throws SourceFailure, InterruptedException, IOException {
    List<String> pointers = pointers(tree);
    if (pointers.isEmpty()) {
      return;
    }
    if (processes.find(PROGRAM).isEmpty()) {
      throw new SourceFailure(
          FailureCode.GIT_FAILURE,
          "the repository keeps %s in Git LFS, and the worker has no git-lfs to fetch it: install"
                  .formatted(shown(pointers))
              + " it there (the Debian package git-lfs brings it), or commit the files themselves");
    }
    checkAddresses(tree);
    log.line("Fetching " + shown(pointers) + " from Git LFS");
    Git.Result result = tries.run(tree, PULL);
    if (!result.ok()) {
      throw new SourceFailure(FailureCode.GIT_FAILURE, "Git LFS failed: " + result.words());
    }
    List<String> left = pointers(tree);
    if (!left.isEmpty()) {
      throw new SourceFailure(FailureCode.GIT_FAILURE, "Git LFS did not bring " + shown(left));
    }
  }

  private static String shown(List<String> files) {
    String first = files.getFirst();
    return files.size() == 1 ? first : "%d files (%s, ...)".formatted(files.size(), first);
  }

  /** The repository itself may say where its files are. */
  private void checkAddresses(Path tree) throws SourceFailure, InterruptedException {
    Git.Result result =
        git.run(
            tree,
            "config",
            "--no-includes",
            "--file",
            ".lfsconfig",
            "--null",
            "--get-regexp",
            ADDRESSES);
    for (String pair : result.output().split("\0", -1)) {
      int end = pair.indexOf('\n');
      if (end >= 0) {
        try {
          GitUrl.parse(pair.substring(end + 1));
        } catch (SourceFailure e) {
          throw new SourceFailure(FailureCode.GIT_FAILURE, "of .lfsconfig, " + e.message(), e);
        }
      }
    }
  }

  private List<String> pointers(Path tree) throws SourceFailure, InterruptedException, IOException {
    Git.Result listed = git.run(tree, "ls-files", "-z", "--", ":(top,attr:filter=lfs)");
    List<String> pointers = new ArrayList<>();
    for (String name : listed.output().split("\0", -1)) {
      Optional<Path> file = name.isEmpty() ? Optional.empty() : Inside.resolve(tree, name);
      if (file.isPresent() && isPointer(file.get())) {
        pointers.add(name);
      }
    }
    return pointers;
  }

  private static boolean isPointer(Path file) throws IOException {
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MAX_POINTER) {
      return false;
    }
    try (InputStream in = Files.newInputStream(file)) {
      String begin = new String(in.readNBytes(64), StandardCharsets.ISO_8859_1);
      return BEGINS.stream().anyMatch(begin::startsWith);
    }
  }
}
