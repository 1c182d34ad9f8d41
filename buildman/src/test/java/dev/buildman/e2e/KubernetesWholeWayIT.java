package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.kubernetes.FakeApiServer;
import dev.buildman.testing.kubernetes.FakeKubelet;
import dev.buildman.testing.kubernetes.ObjectStore;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole builds by real agents in the pods of a stand-in for a cluster. */
@RedisTest
class KubernetesWholeWayIT {
  private static final Path AGENT =
      Path.of("..", "target", "dist", "builder-agent", "bin", "builder-agent").toAbsolutePath();

  @TempDir private Path folder;
  private final ObjectStore store = new ObjectStore();
  private FakeApiServer server;
  private FakeKubelet kubelet;

  @BeforeEach
  void cluster() throws IOException {
    server = new FakeApiServer(store);
    kubelet =
        new FakeKubelet(
            store,
            folder.resolve("pods"),
            Duration.ofSeconds(10),
            (environment, own) -> {
              ProcessBuilder agent = new ProcessBuilder(AGENT.toString());
              agent.environment().putAll(environment);
              return agent.directory(own.toFile());
            });
    server.logs(kubelet::log);
  }

  @AfterEach
  void noCluster() {
    kubelet.close();
    server.close();
  }

  @Test
  void aBuildSurvivesWhatAClusterDoesToItAndLeavesNothingThere(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site)) {
      ManagerProcess manager = site.manager(onKubernetes());
      try (BuildsClient client = manager.client()) {
        steps.pushBase(client);
        starvedOnce(client, steps);
        outlivesItsManager(manager, client, steps);
        Watching.awaitNothingLeft(client, site);
      }
      assertThat(store.list("jobs", Map.of())).isEmpty();
      assertThat(store.list("secrets", Map.of())).isEmpty();
      assertThat(store.list("pods", Map.of())).isEmpty();
    }
  }

  private void starvedOnce(BuildsClient client, Steps steps) throws InterruptedException {
    steps.gate(Hold.BUILDING).shut();
    Build starving = steps.enqueue(client, "acme/starving");
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(steps.gate(Hold.BUILDING)::isWaitedAt);
    kubelet.killForMemory(onlyJob());
    steps.gate(Hold.BUILDING).open();

    Watching watching = new Watching();
    Build ended = watching.follow(client, starving.getId());
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(ended.getAttempt()).isEqualTo(2);
    assertThat(watching.reasons()).contains("OOM_KILLED");
  }

  private void outlivesItsManager(ManagerProcess manager, BuildsClient client, Steps steps)
      throws Exception {
    steps.gate(Hold.BUILDING).shut();
    Build build = steps.enqueue(client, "acme/adopted");
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(steps.gate(Hold.BUILDING)::isWaitedAt);
    manager.kill();
    manager.start();
    manager.awaitReady();
    steps.gate(Hold.BUILDING).open();

    Build ended = Watching.toTheEnd(client, build);
    assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
    assertThat(ended.getAttempt()).isEqualTo(1);
  }

  private String onlyJob() {
    return store.list("jobs", Map.of()).getFirst().at("/metadata/name").asText();
  }

  @Test
  void aQuotaSendsBuildsToTheNextExecutorForNothing(TestRedis redis) throws Exception {
    Map<String, String> chain = onKubernetes();
    chain.put("SECOND.NAME", "here");
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site)) {
      ManagerProcess manager = site.manager(chain);
      try (BuildsClient client = manager.client()) {
        steps.pushBase(client);
        // K8: the Job is taken, its pods are not; only an event tells.
        kubelet.refuse("pods \"x\" is forbidden: exceeded quota: builds, requested: pods=1");
        Watching watching = new Watching();
        Build ended = watching.follow(client, steps.enqueue(client, "acme/quota").getId());

        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        assertThat(watching.reasons()).contains("QUOTA_EXCEEDED", "COMPLETED");
        assertThat(ended.getTriesLeft()).isEqualTo(3);
        Watching.awaitNothingLeft(client, site);
      }
      assertThat(store.list("jobs", Map.of())).isEmpty();
    }
  }

  private Map<String, String> onKubernetes() {
    return new HashMap<>(
        Map.of(
            "EXECUTOR.K8S_API_SERVER",
            server.address(),
            "EXECUTOR.AGENT",
            "ours",
            "EXECUTOR.NAME",
            "cluster"));
  }
}
