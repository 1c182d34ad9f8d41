package dev.buildman.demo;

import dev.buildman.cli.Terminal;
import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Status;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Shows the main job on a manager that is up: three builds for two workers, one agent killed, all
 * images in the registry, nothing left behind. Each step checks what it shows and throws {@link
 * DemoFailed} when it is not so.
 */
public final class Demo {
  /** Far above what a machine under load needs to see the last worker gone. */
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final String SHOWN = "acme/hello";

  private final BuildsClient client;
  private final String registry;
  private final Path examples;
  private final Screen screen;
  private final Sleeper sleeper = Sleeper.system();
  private final Ticker ticker = Ticker.system();

  /**
   * @param registry that images are pushed to, host:port on loopback
   * @param examples folder of the examples as they are in the repository
   */
  public Demo(BuildsClient client, String registry, Terminal terminal, Path examples) {
    this.client = client;
    this.registry = registry;
    this.examples = examples;
    this.screen = new Screen(terminal.out(), terminal.live());
  }

  /**
   * All that it shows.
   *
   * @param program a static redis-server for the example image
   * @param folder for what it makes
   * @param buildah whether an engine with RUN is there
   */
  public void run(Path program, Path folder, boolean buildah)
      throws IOException, InterruptedException {
    Examples ready = new Examples(examples, Files.createDirectories(folder.resolve("examples")));
    List<Build> built = threeBuilds(ready.hello(program));
    nothingLeft();
    pullBack(built, folder.resolve("pulled"));
    if (buildah) {
      new RunExample(client, registry, ready, screen).show();
      nothingLeft();
    } else {
      screen.say("");
      screen.say(
          "RUN steps need an engine that has them: apt-get install buildah, and run this again.");
    }
  }

  private List<Build> threeBuilds(Path hello) throws IOException, InterruptedException {
    screen.say("Three builds of two namespaces for two workers (ALLOWED_WORKER_COUNT: 2),");
    screen.say("and the first agent that is seen at work is killed with -9:");
    Assassin assassin = new Assassin(screen);
    Board board = new Board(client, registry, screen, assassin::look);
    board.enqueue(SHOWN, hello, Map.of("GREETING", "hello from acme"));
    board.enqueue("globex/hello", hello, Map.of("GREETING", "hello from globex"));
    board.enqueue("acme/second", hello, Map.of("GREETING", "hello again"));
    List<Build> ended = board.followAll();
    if (!board.waitedFor("CAPACITY_WAIT")) {
      throw new DemoFailed("no build was seen waiting for a worker");
    }
    if (!assassin.done()) {
      throw new DemoFailed("no agent was caught at work, so none was killed");
    }
    if (ended.stream().noneMatch(build -> build.getAttempt() == 2)) {
      throw new DemoFailed("the build whose agent was killed was not repeated");
    }
    return ended;
  }

  private void nothingLeft() throws InterruptedException {
    long began = ticker.nanos();
    Status status = client.getStatus();
    while (status.getSlotsHeld() > 0 || status.getDutiesCount() > 0) {
      if (ticker.since(began).compareTo(LIMIT) > 0) {
        throw new DemoFailed(
            "%d slots and %d duties are left"
                .formatted(status.getSlotsHeld(), status.getDutiesCount()));
      }
      sleeper.sleep(PAUSE);
      status = client.getStatus();
    }
    screen.say("Nothing is left behind: no worker, no slot, no duty.");
  }

  private static List<String> digests(Build build) {
    return build.getResult().getDigestsList();
  }

  private void pullBack(List<Build> built, Path folder) throws IOException, InterruptedException {
    PulledImage image;
    try (HttpClient http = HttpClient.newHttpClient()) {
      image = new ImagePull(http, registry).pull(SHOWN, "demo", Files.createDirectories(folder));
    }
    List<String> reported =
        built.stream()
            .filter(build -> build.getRepository().equals(SHOWN))
            .flatMap(build -> digests(build).stream())
            .toList();
    if (!reported.contains(image.digest())) {
      throw new DemoFailed(
          "the registry serves %s, the agent reported %s".formatted(image.digest(), reported));
    }
    screen.say("");
    screen.say(
        "Pulled %s/%s:demo back: %d KiB, every blob hashed again, label greeting='%s'."
            .formatted(
                registry,
                SHOWN,
                image.bytes() / 1024,
                image.label("dev.buildman.example.greeting")));
    tryOut(image, Files.createDirectories(folder.resolve("rootfs")));
  }

  private void tryOut(PulledImage image, Path root) throws IOException, InterruptedException {
    if (!image.fits("linux", architecture()) || !System.getProperty("os.name").equals("Linux")) {
      screen.say("Its program is for another platform than this one, so it was not run.");
      return;
    }
    ImageTree.unpack(image, root);
    try (RunningImage running = RunningImage.start(image, root)) {
      String answer = running.ping();
      if (!answer.equals("+PONG")) {
        throw new DemoFailed("the image's program answered '" + answer + "' to PING");
      }
    }
    screen.say("Unpacked it and ran its program as this user, without a container: PING -> PONG.");
  }

  /** Says what a person may try while it stays up. */
  public void invite(int clientsPort) {
    String server = clientsPort == 55_051 ? "" : " -s 127.0.0.1:" + clientsPort;
    screen.say("");
    screen.say("It stays up until Ctrl-C. The image runs wherever this registry can be reached:");
    screen.say("  docker run --rm " + registry + "/" + SHOWN + ":demo");
    screen.say("  podman run --rm --tls-verify=false " + registry + "/" + SHOWN + ":demo");
    screen.say("  skopeo inspect --tls-verify=false docker://" + registry + "/" + SHOWN + ":demo");
    screen.say("And in another terminal, with target/dist/buildman/bin/buildman:");
    screen.say("  buildman ps" + server);
    screen.say("  buildman build" + server + " -t me/app .");
  }

  private static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "aarch64" -> "arm64";
      case "x86_64" -> "amd64";
      default -> System.getProperty("os.arch");
    };
  }
}
