package dev.buildman.demo;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.proto.v1.Status;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Shows the main job on a manager that is up: three builds for two workers, one agent killed, all
 * images in the registry, nothing left behind. Each step checks what it shows and throws {@link
 * DemoFailed} when it is not so.
 */
public final class Demo {
  /**
   * Far above what a machine under load needs: three small builds and a pause before the repeat.
   */
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private static final Duration PAUSE = Duration.ofMillis(100);

  private final BuildsClient client;
  private final String registry;
  private final Examples examples;
  private final Screen screen;
  private final Assassin assassin;
  private final List<ShownBuild> builds = new CopyOnWriteArrayList<>();
  private final Sleeper sleeper = Sleeper.system();
  private final Ticker ticker = Ticker.system();

  Demo(BuildsClient client, String registry, Examples examples, Screen screen) {
    this.client = client;
    this.registry = registry;
    this.examples = examples;
    this.screen = screen;
    this.assassin = new Assassin(screen);
  }

  /**
   * The main job.
   *
   * @param program a static program for the example image
   */
  void run(Path program) throws IOException, InterruptedException {
    screen.say("");
    screen.say("Three builds of two namespaces, two workers (ALLOWED_WORKER_COUNT: 2):");
    Path hello = examples.hello(program);
    enqueue("acme/hello", hello, Map.of("GREETING", "hello from acme"));
    enqueue("globex/hello", hello, Map.of("GREETING", "hello from globex"));
    enqueue("acme/second", hello, Map.of("GREETING", "hello again"));
    followAll(true);
    nothingLeft();
  }

  /**
   * Real RUN steps, where an engine has them; {@code base} is a reference or a build argument's
   * default.
   */
  void runExample() throws IOException, InterruptedException {
    screen.say("");
    Map<String, String> arguments = Map.of();
    var busybox = examples.busybox();
    if (busybox.isPresent()) {
      screen.say("Real RUN steps with buildah, on a base image made of this machine's busybox:");
      builds.clear();
      enqueue("library/busybox", busybox.get(), Map.of());
      followAll(false);
      arguments = Map.of("BASE", registry + "/library/busybox:demo");
    } else {
      screen.say("Real RUN steps with buildah, on the public busybox:");
    }
    builds.clear();
    enqueue("acme/run", examples.run(), arguments);
    followAll(false);
  }

  private void enqueue(String repository, Path folder, Map<String, String> buildArgs)
      throws IOException, InterruptedException {
    Build build = new Submitter(client, registry).enqueue(repository, folder, buildArgs);
    builds.add(new ShownBuild(repository, build, screen, this::changed));
    redraw();
  }

  private void changed(Build build) {
    redraw();
    if (build.getPhase() == Phase.PHASE_WAITING && build.getReason().endsWith("_WAIT")) {
      // The row says so on a terminal; in a pipe the history's line does.
      return;
    }
    if (killing) {
      assassin.look(build);
    }
  }

  private volatile boolean killing;

  private void redraw() {
    screen.show(builds.stream().map(ShownBuild::row).toList());
  }

  private void followAll(boolean kill) throws InterruptedException {
    killing = kill;
    List<Thread> followers = new ArrayList<>();
    for (ShownBuild build : builds) {
      followers.add(Threads.start("demo-follow", () -> follow(build)));
    }
    long began = ticker.nanos();
    for (Thread follower : followers) {
      Duration left = LIMIT.minus(ticker.since(began));
      if (!left.isPositive() || !follower.join(left)) {
        throw new DemoFailed("the builds did not end within " + LIMIT.toMinutes() + " minutes");
      }
    }
    redraw();
    screen.settle();
    for (ShownBuild build : builds) {
      if (build.build().getPhase() != Phase.PHASE_COMPLETE) {
        throw new DemoFailed(
            "the build of %s ended as %s: %s"
                .formatted(
                    build.build().getRepository(),
                    ShownBuild.phase(build.build().getPhase()),
                    build.build().getReasonText()));
      }
    }
    if (kill && !assassin.done()) {
      throw new DemoFailed("no agent was caught at work, so none was killed");
    }
  }

  private void follow(ShownBuild build) {
    try {
      build.follow(client);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void nothingLeft() throws InterruptedException {
    long began = ticker.nanos();
    while (true) {
      Status status = client.getStatus();
      if (status.getSlotsHeld() == 0 && status.getDutiesCount() == 0) {
        screen.say("Nothing left behind: no worker, no duty, no slot held.");
        return;
      }
      if (ticker.since(began).compareTo(LIMIT) > 0) {
        throw new DemoFailed(
            "%d slots and %d duties are left"
                .formatted(status.getSlotsHeld(), status.getDutiesCount()));
      }
      sleeper.sleep(PAUSE);
    }
  }

  /** Pulls an image back, hashes every blob again, unpacks it and runs its program as this user. */
  void pullBack(String repository, ImagePull pull, Path folder)
      throws IOException, InterruptedException {
    PulledImage image = pull.pull(repository, "demo", Files.createDirectories(folder));
    Build build =
        builds.stream()
            .map(ShownBuild::build)
            .filter(b -> b.getRepository().equals(repository))
            .findFirst()
            .orElseThrow();
    if (!build.getResult().getDigestsList().contains(image.digest())) {
      throw new DemoFailed(
          "the registry serves %s, the agent reported %s"
              .formatted(image.digest(), build.getResult().getDigestsList()));
    }
    screen.say("");
    screen.say(
        "Pulled %s/%s:demo back: %d layers, %d KiB, every blob hashed again, label greeting='%s'"
            .formatted(
                registry,
                repository,
                image.layers().size(),
                image.bytes() / 1024,
                image.label("dev.buildman.example.greeting")));
    if (!image.fits("linux", architecture())) {
      screen.say("Its program is for another platform than this one, so it was not run.");
      return;
    }
    Path root = Files.createDirectories(folder.resolve("rootfs"));
    ImageTree.unpack(image, root);
    try (RunningImage running = RunningImage.start(image, root)) {
      String answer = running.ping();
      if (!answer.equals("+PONG")) {
        throw new DemoFailed("the image's program answered '" + answer + "' to PING");
      }
      screen.say("Unpacked and run without any container, as this user: PING -> PONG");
    }
  }

  private static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "aarch64" -> "arm64";
      case "x86_64", "amd64" -> "amd64";
      default -> System.getProperty("os.arch");
    };
  }
}
