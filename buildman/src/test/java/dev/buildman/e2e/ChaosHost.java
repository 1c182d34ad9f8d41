package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.testing.containers.AgentImage;
import dev.buildman.testing.containers.ContainerDaemon;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A Docker host of a chaos run: a real daemon, and our agent in its containers. */
final class ChaosHost implements ChaosPlace {
  private static final String IMAGE = "buildman-test/builder-agent:chaos";

  private final String name;
  private final ContainerDaemon daemon;
  private final Random random;
  private final Map<String, Integer> happened = new TreeMap<>();
  private boolean away;

  ChaosHost(String name, Path folder, long seed) throws IOException, InterruptedException {
    this.name = name;
    this.random = new Random(seed);
    daemon = ContainerDaemon.docker(Files.createDirectory(folder.resolve(name)), "--live-restore");
    Path agent = Path.of("..", "target", "dist", "builder-agent").toRealPath();
    AgentImage.make(daemon, folder, agent, IMAGE);
  }

  @Override
  public String executor() {
    return """
          - EXECUTOR: docker
            NAME: %s
            DOCKER_HOST: %s
            WORKER_IMAGE: %s
            PULL: never
            AGENT: ours
            ISOLATION: restricted
            NETWORK: host
            CONTAINER_RUNTIME: embedded
            INSECURE: true
            MAXIMUM_WORKERS: 2
            SETUP_TIME: 60
            BREAKER: {FAILURES: 5, OPEN_FOR: 2s}
    """
        .formatted(name, daemon.host(), IMAGE);
  }

  @Override
  public void change() throws IOException, InterruptedException {
    if (away) {
      back();
      return;
    }
    switch (random.nextInt(5)) {
      case 0 -> {
        List<String> containers = containers("-q");
        if (!containers.isEmpty()) {
          count("removed by hand");
          remove(containers.get(random.nextInt(containers.size())));
        }
      }
      case 1 -> {
        count("daemon killed");
        daemon.kill();
        away = true;
      }
      default -> {}
    }
  }

  // Its manager may be removing it too.
  private void remove(String container) throws IOException, InterruptedException {
    try {
      daemon.client("rm", "-f", "-v", container);
    } catch (AssertionError e) {
      count("removed by both");
    }
  }

  private void count(String what) {
    happened.merge(what, 1, Integer::sum);
  }

  private void back() throws IOException {
    daemon.restart();
    away = false;
  }

  private List<String> containers(String how) throws IOException, InterruptedException {
    return daemon.client("ps", how).lines().filter(line -> !line.isBlank()).toList();
  }

  @Override
  public void calm() throws IOException {
    if (away) {
      back();
    }
  }

  @Override
  public void assertNothingLeft() throws IOException, InterruptedException {
    assertThat(containers("-aq")).as("containers of %s", name).isEmpty();
    assertThat(daemon.client("volume", "ls", "-q")).as("volumes of %s", name).isEmpty();
  }

  @Override
  public String told() {
    return "host " + name + ": " + happened;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    daemon.close();
  }
}
