package dev.buildman.demo;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Some builds, a row each, followed together to their ends. */
final class Board {
  /**
   * Far above what a machine under load needs for three small builds and a pause before a repeat.
   */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final BuildsClient client;
  private final String registry;
  private final Screen screen;
  private final Consumer<Build> changed;
  private final List<ShownBuild> builds = new CopyOnWriteArrayList<>();

  /**
   * @param changed is told of each change of a build
   */
  Board(BuildsClient client, String registry, Screen screen, Consumer<Build> changed) {
    this.client = client;
    this.registry = registry;
    this.screen = screen;
    this.changed = changed;
  }

  void enqueue(String repository, Path folder, Map<String, String> buildArgs)
      throws IOException, InterruptedException {
    Build build = new Submitter(client, registry).enqueue(repository, folder, buildArgs);
    builds.add(new ShownBuild(repository, build, screen, this::onChange));
    redraw();
  }

  /**
   * Waits for all of them.
   *
   * @return them, complete
   */
  List<Build> followAll() throws InterruptedException {
    List<Thread> followers = new ArrayList<>();
    for (ShownBuild build : builds) {
      followers.add(Threads.start("demo-follow", () -> follow(build)));
    }
    Ticker ticker = Ticker.system();
    long began = ticker.nanos();
    try {
      for (Thread follower : followers) {
        Duration left = LIMIT.minus(ticker.since(began));
        if (!left.isPositive() || !follower.join(left)) {
          throw new DemoFailed("the builds did not end within " + LIMIT.toMinutes() + " minutes");
        }
      }
    } finally {
      // Who stops the demo must not be told that the manager, which stops too, is away.
      followers.forEach(Thread::interrupt);
    }
    redraw();
    screen.settle();
    return builds.stream().map(ShownBuild::build).map(Board::complete).toList();
  }

  /** Whether one of them was seen waiting for this reason. */
  boolean waitedFor(String reason) {
    return builds.stream().anyMatch(build -> build.waitedFor(reason));
  }

  private void onChange(Build build) {
    redraw();
    changed.accept(build);
  }

  private void redraw() {
    screen.show(builds.stream().map(ShownBuild::row).toList());
  }

  private void follow(ShownBuild build) {
    try {
      build.follow(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Build complete(Build build) {
    if (build.getPhase() != Phase.PHASE_COMPLETE) {
      throw new DemoFailed(
          "the build of %s ended as %s: %s %s"
              .formatted(
                  build.getRepository(),
                  ShownBuild.phase(build.getPhase()),
                  build.getReason(),
                  build.getReasonText()));
    }
    return build;
  }
}
