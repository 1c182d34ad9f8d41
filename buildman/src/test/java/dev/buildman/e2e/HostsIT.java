package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two hosts whose workers are processes: the manager of one neither stops nor judges a worker of
 * the other, and what is owed on a host waits for it.
 */
@RedisTest
class HostsIT {
  @TempDir private Path folder;

  @Test
  void whatIsOwedOnAHostWaitsForIt(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps first = new Steps(site);
        Steps second = new Steps(site);
        Steps third = new Steps(site)) {
      ManagerProcess here = site.manager(host("here"));
      Build completes;
      Build cancelled;
      Build dies;
      try (BuildsClient client = here.client()) {
        first.pushBase(client);
        Watching.awaitNothingLeft(client, site);
        completes = held(client, first, "acme/completes");
        cancelled = held(client, second, "acme/cancelled");
        dies = held(client, third, "acme/dies");
      }
      ManagerProcess there = site.manager(host("there"));
      here.kill();

      try (BuildsClient client = there.client()) {
        first.gate(Hold.BUILDING).open();
        Build ended = Watching.toTheEnd(client, completes);
        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        assertThat(ended.getAttempt()).isEqualTo(1);

        client.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(cancelled.getId()).build());
        Awaitility.await("its agent hears of the cancel and goes by itself")
            .atMost(Duration.ofSeconds(20))
            .until(() -> agents(site, cancelled).isEmpty());

        for (ProcessHandle agent : agents(site, dies)) {
          agent.destroyForcibly();
        }
        third.gate(Hold.BUILDING).open();
        Watching watching = new Watching();
        ended = watching.follow(client, dies.getId());
        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        assertThat(ended.getAttempt()).isEqualTo(2);
        assertThat(watching.reasons())
            .as("nobody can see from there that it ended")
            .contains("HEARTBEAT_LOST")
            .doesNotContain("WORKER_EXITED");

        Awaitility.await("the other host's own worker is seen gone")
            .atMost(Duration.ofSeconds(30))
            .until(() -> owed(client).size() == 3);
        assertThat(owed(client))
            .containsExactlyInAnyOrder(completes.getId(), cancelled.getId(), dies.getId());

        here.start();
        here.awaitReady();
        Watching.awaitNothingLeft(client, site);
      }
    }
  }

  private Map<String, String> host(String name) {
    return new HashMap<>(
        Map.of(
            "BUILDMAN.HOST_ID", name,
            "BUILDMAN.LEASE", "6s",
            "BUILDMAN.HEARTBEAT", "1s",
            "BUILDMAN.TERMINATION_HOLD", "5s",
            "EXECUTOR.WORK_DIR", folder.resolve("workers").resolve(name).toString()));
  }

  private static Build held(BuildsClient client, Steps steps, String repository) {
    steps.gate(Hold.BUILDING).shut();
    Build build = steps.enqueue(client, repository);
    Watching.awaitPhase(client, build.getId(), Phase.PHASE_BUILDING);
    return build;
  }

  private static List<String> owed(BuildsClient client) {
    return client.getStatus().getDutiesList().stream().map(duty -> duty.getBuildId()).toList();
  }

  /** The agents' JVMs of a build. */
  private static List<ProcessHandle> agents(Site site, Build build) throws IOException {
    return WorkerProcesses.of(site).of(build.getId());
  }
}
