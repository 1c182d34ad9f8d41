package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.Follow;
import dev.buildman.client.Follower;
import dev.buildman.proto.v1.Build;
import picocli.CommandLine.Option;

/** How a new build is followed; the same for {@code build} and {@code retry}. */
final class FollowOptions {

  @Option(
      names = {"-d", "--detach"},
      description = "Do not follow: print the build's id and end.")
  private boolean detach;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print only the digest of the image when it is pushed.")
  private boolean quiet;

  @Option(
      names = "--json",
      description = {
        "JSON lines on standard output: documents of type 'build', 'event' and 'log' as they come,"
            + " the last one of type 'result'; with -d only one of type 'build'."
      })
  private boolean json;

  boolean isJson() {
    return json;
  }

  boolean isQuiet() {
    return quiet || json;
  }

  /** Refuses what does not fit together, before anything is sent. */
  void check() {
    if (quiet && (detach || json)) {
      throw new UsageException("--quiet does not go with " + (detach ? "--detach" : "--json"));
    }
  }

  /** Follows the build as asked, and answers the exit status. */
  int follow(Terminal terminal, BuildsClient client, Build created) throws InterruptedException {
    if (detach) {
      if (json) {
        Json.line(terminal.out(), JsonFollower.typed("build", JsonView.build(created)));
      } else {
        terminal.out().println(created.getId());
      }
      return ExitCode.OK;
    }
    if (json) {
      JsonFollower follower = new JsonFollower(terminal.out());
      Build ended = followed(client, created, follower, terminal);
      Json.line(terminal.out(), JsonFollower.typed("result", JsonView.build(ended)));
      return Words.exitCode(ended);
    }
    try (Progress progress = Progress.of(terminal, quiet)) {
      Build ended = followed(client, created, progress, terminal);
      progress.result(ended);
      return Words.exitCode(ended);
    }
  }

  private static Build followed(
      BuildsClient client, Build created, Follower follower, Terminal terminal)
      throws InterruptedException {
    Thread notice = Interruption.notice(terminal, created);
    try {
      return new Follow(client, created.getId(), follower).run(0);
    } finally {
      Interruption.over(notice);
    }
  }
}
