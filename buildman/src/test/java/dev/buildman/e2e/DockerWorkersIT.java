package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.containers.AgentImage;
import dev.buildman.testing.containers.ContainerDaemon;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.testing.tools.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole builds by our agent in containers of a real daemon, and what becomes of them there. */
@RedisTest
@RequiresTool(value = "dockerd", debianPackage = "docker.io")
@RequiresTool(value = "busybox", debianPackage = "busybox-static")
class DockerWorkersIT {
  private static final String IMAGE = "buildman-test/builder-agent:dist";
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path folder;

  @Test
  void buildsSurviveWhatHappensToTheirContainersAndTheirDaemon(TestRedis redis) throws Exception {
    Path home = Files.createDirectory(folder.resolve("dockerd"));
    try (ContainerDaemon daemon = ContainerDaemon.docker(home, "--live-restore");
        Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site)) {
      Path agent = Path.of("..", "target", "dist", "builder-agent").toRealPath();
      AgentImage.make(daemon, folder, agent, IMAGE);
      ManagerProcess manager = site.manager(onDocker(daemon));
      try (BuildsClient client = manager.client()) {
        steps.pushBase(client);
        removedByHand(daemon, client, steps);
        daemonRestarted(daemon, client, steps);
        managerKilled(manager, client, steps);
        tooLittleMemory(client, steps);
        Watching.awaitNothingLeft(client, site);
      }
      assertThat(daemon.client("ps", "-aq")).as("containers").isEmpty();
      assertThat(daemon.client("volume", "ls", "-q")).as("volumes").isEmpty();
    }
  }

  private static void removedByHand(ContainerDaemon daemon, BuildsClient client, Steps steps)
      throws Exception {
    Build build = held(client, steps, "acme/removed");
    daemon.client("rm", "-f", "-v", daemon.client("ps", "-q"));
    steps.gate(Hold.BUILDING).open();

    Watching watching = new Watching();
    Build ended = watching.follow(client, build.getId());
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(ended.getAttempt()).isEqualTo(2);
    assertThat(watching.reasons()).contains("WORKER_EXITED");
  }

  private static void daemonRestarted(ContainerDaemon daemon, BuildsClient client, Steps steps)
      throws Exception {
    Build build = held(client, steps, "acme/restarted");
    daemon.kill();
    daemon.restart();
    steps.gate(Hold.BUILDING).open();
    completedAtOnce(client, build);
  }

  private static void managerKilled(ManagerProcess manager, BuildsClient client, Steps steps)
      throws Exception {
    Build build = held(client, steps, "acme/adopted");
    manager.kill();
    manager.start();
    manager.awaitReady();
    steps.gate(Hold.BUILDING).open();
    completedAtOnce(client, build);
  }

  /** Its attempts are of the executor that has too little for any agent. */
  private static void tooLittleMemory(BuildsClient client, Steps steps) throws Exception {
    Watching watching = new Watching();
    Build ended = watching.follow(client, steps.enqueue(client, "starved/app").getId());
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_INTERNAL_ERROR);
    assertThat(ended.getReason()).isEqualTo("OOM_KILLED");
    assertThat(ended.getAttempt()).isEqualTo(3);
  }

  private static Build held(BuildsClient client, Steps steps, String repository)
      throws InterruptedException {
    steps.gate(Hold.BUILDING).shut();
    Build build = steps.enqueue(client, repository);
    Awaitility.await().atMost(LONG).until(steps.gate(Hold.BUILDING)::isWaitedAt);
    return build;
  }

  private static void completedAtOnce(BuildsClient client, Build build)
      throws InterruptedException {
    Build ended = Watching.toTheEnd(client, build);
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(ended.getAttempt()).isEqualTo(1);
  }

  private static Map<String, String> onDocker(ContainerDaemon daemon) {
    Map<String, String> settings = new HashMap<>();
    worker(daemon).forEach((key, value) -> settings.put("EXECUTOR." + key, value));
    Map<String, String> small = new LinkedHashMap<>(worker(daemon));
    small.put("NAME", "small");
    small.put("NAMESPACE_WHITELIST", "[starved]");
    small.put("MEMORY_LIMIT", "32m");
    small.put("INSECURE", "true");
    small.put("CONTAINER_RUNTIME", "embedded");
    settings.put(
        SiteConfig.BEFORE,
        "      - EXECUTOR: docker\n"
            + small.entrySet().stream()
                .map(one -> "        " + one.getKey() + ": " + one.getValue() + "\n")
                .collect(Collectors.joining()));
    return settings;
  }

  private static Map<String, String> worker(ContainerDaemon daemon) {
    return Map.of(
        "DOCKER_HOST",
        daemon.host(),
        "WORKER_IMAGE",
        IMAGE,
        "PULL",
        "never",
        "AGENT",
        "ours",
        "ISOLATION",
        "restricted",
        // The daemon has no network of its own, and the manager listens on loopback.
        "NETWORK",
        "host");
  }
}
