package dev.buildman.agent.source;

import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Fetches one revision of a repository, as little of its history as the server allows, and checks
 * it out.
 */
final class GitFetch {
  /** What git says when the other side does not hold what was asked for. */
  private static final List<String> NO_SUCH_REF =
      List.of(
          "couldn't find remote ref", "no such remote ref", "unadvertised object", "not our ref");

  private final Git git;
  private final Path directory;
  private final GitUrl url;
  private final GitTries tries;

  /**
   * @param directory an existing empty folder that becomes the working tree
   */
  GitFetch(Git git, GitTries tries, Path directory, GitUrl url) {
    this.git = git;
    this.directory = directory;
    this.url = url;
    this.tries = tries;
  }

  /**
   * @return the full name of the commit that is checked out
   * @throws SourceFailure GIT_FAILURE when the repository cannot be had, GIT_CHECKOUT when it has
   *     no such revision
   */
  String run(String revision, String ref) throws SourceFailure, InterruptedException {
    String wanted = Revision.checked(revision);
    String hint = Revision.checked(ref);
    must("git init", "init", "--quiet", ".");
    must("git remote", "remote", "add", "origin", url.address());
    String fetched =
        Revision.isCommit(wanted) ? commit(wanted, hint) : named(wanted.isEmpty() ? hint : wanted);
    checkout(fetched, wanted);
    String head = must("git rev-parse", "rev-parse", "--verify", "HEAD").strip();
    if (Revision.isCommit(wanted) && !head.equalsIgnoreCase(wanted)) {
      throw new SourceFailure(
          FailureCode.GIT_CHECKOUT, "commit %s was asked for and %s came".formatted(wanted, head));
    }
    return head;
  }

  private String commit(String wanted, String hint) throws SourceFailure, InterruptedException {
    if (fetch(true, wanted)) {
      return "FETCH_HEAD";
    }
    // Servers may hand out only what a branch or tag points to: then its history is needed.
    if (hint.isEmpty() || !anyOf(false, hint)) {
      everything();
    }
    return wanted;
  }

  private String named(String name) throws SourceFailure, InterruptedException {
    if (name.isEmpty()) {
      return fetch(true, "HEAD") ? "FETCH_HEAD" : missing("HEAD");
    }
    if (anyOf(true, name)) {
      return "FETCH_HEAD";
    }
    if (Revision.mayBeShortCommit(name)) {
      everything();
      return name;
    }
    return missing(name);
  }

  private boolean anyOf(boolean shallow, String name) throws SourceFailure, InterruptedException {
    List<String> candidates = new ArrayList<>();
    if (name.startsWith("refs/")) {
      candidates.add(name);
    } else {
      candidates.add("refs/heads/" + name.replaceFirst("^heads/", ""));
      candidates.add("refs/tags/" + name.replaceFirst("^tags/", ""));
    }
    for (String candidate : candidates) {
      if (fetch(shallow, candidate)) {
        return true;
      }
    }
    return false;
  }

  private void everything() throws SourceFailure, InterruptedException {
    fetch(false, "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*");
  }

  /** Whether the server had it; its absence is no failure yet. */
  private boolean fetch(boolean shallow, String... refspecs)
      throws SourceFailure, InterruptedException {
    Git.Result result = tries.run(directory, fetchCommand(shallow, refspecs));
    if (result.ok()) {
      return true;
    }
    if (NO_SUCH_REF.stream().anyMatch(result::says)) {
      return false;
    }
    if (shallow && result.says("does not support shallow")) {
      return fetch(false, refspecs);
    }
    throw failure(result);
  }

  private static String[] fetchCommand(boolean shallow, String... refspecs) {
    List<String> command =
        new ArrayList<>(
            List.of("fetch", "--quiet", "--force", "--no-tags", "--recurse-submodules=no"));
    if (shallow) {
      command.add("--depth=1");
    }
    command.add("--");
    command.add("origin");
    command.addAll(List.of(refspecs));
    return command.toArray(String[]::new);
  }

  private void checkout(String fetched, String wanted) throws SourceFailure, InterruptedException {
    Git.Result result =
        tries.run(directory, "checkout", "--quiet", "--force", "--detach", fetched, "--");
    if (!result.ok()) {
      throw new SourceFailure(
          FailureCode.GIT_CHECKOUT,
          "%s of %s cannot be checked out: %s"
              .formatted(wanted.isEmpty() ? "HEAD" : wanted, url, result.words()));
    }
  }

  private String missing(String name) throws SourceFailure {
    throw new SourceFailure(
        FailureCode.GIT_CHECKOUT, "%s has no branch, tag or commit '%s'".formatted(url, name));
  }

  private String must(String what, String... arguments) throws SourceFailure, InterruptedException {
    Git.Result result = git.run(directory, arguments);
    if (!result.ok()) {
      throw new SourceFailure(FailureCode.GIT_FAILURE, what + " failed: " + result.words());
    }
    return result.output();
  }

  private static String advice(Git.Result result) {
    if (result.says("Host key verification failed")) {
      return "; the server's host key is none of those that were given or known";
    }
    boolean login =
        result.says("Permission denied (publickey")
            || result.says("Authentication failed")
            || result.says("could not read Username");
    return login ? "; the server wants a key or token that may read it" : "";
  }

  private SourceFailure failure(Git.Result result) {
    String advice = advice(result);
    return new SourceFailure(
        FailureCode.GIT_FAILURE,
        "the git repository %s cannot be fetched: %s%s".formatted(url, result.words(), advice));
  }
}
