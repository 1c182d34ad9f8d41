package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class AgentDeathIT {
  /** On a busy machine; the lease is a minute. */
  private static final Duration AT_ONCE = Duration.ofSeconds(10);

  @TempDir private Path folder;

  @Test
  void aKilledAgentCostsATryAndIsRepeatedUntilNoneIsLeft(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(Map.of("BUILDMAN.TRIES", "2"));
        BuildsClient client = manager.client()) {
      steps.pushBase(client);

      steps.gate(Hold.BUILDING).shut();
      Build survives = steps.enqueue(client, "acme/survives");
      killAgent(client, steps, site, survives.getId(), 1);
      steps.gate(Hold.BUILDING).open();
      Watching watching = new Watching();
      Build ended = watching.follow(client, survives.getId());
      assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
      assertThat(ended.getAttempt()).isEqualTo(2);
      assertThat(ended.getTriesLeft()).isEqualTo(1);
      assertThat(watching.reasons()).contains("WORKER_EXITED");

      steps.gate(Hold.BUILDING).shut();
      Build dies = steps.enqueue(client, "acme/dies");
      killAgent(client, steps, site, dies.getId(), 1);
      killAgent(client, steps, site, dies.getId(), 2);
      Build dead = Watching.toTheEnd(client, dies);
      assertThat(dead.getPhase()).as("%s", dead).isEqualTo(Phase.PHASE_INTERNAL_ERROR);
      assertThat(dead.getReason()).isEqualTo("WORKER_EXITED");
      assertThat(dead.getTriesLeft()).isZero();
      Watching.awaitNothingLeft(client, site);
    }
  }

  private static boolean ends(List<Event> events, int attempt) {
    return events.stream()
        .anyMatch(e -> e.getReason().equals("WORKER_EXITED") && e.getAttempt() == attempt);
  }

  private static void killAgent(BuildsClient client, Steps steps, Site site, String id, int attempt)
      throws Exception {
    Awaitility.await("attempt " + attempt + " builds")
        .until(
            () -> client.getBuild(id),
            build -> build.getAttempt() == attempt && build.getPhase() == Phase.PHASE_BUILDING);
    Awaitility.await().until(steps.gate(Hold.BUILDING)::isWaitedAt);
    WorkerProcesses.of(site).agents().forEach(ProcessHandle::destroyForcibly);
    Awaitility.await("it ends at once, far earlier than by its lease")
        .atMost(AT_ONCE)
        .until(
            () -> client.getBuildWithEvents(id).getEventsList(), events -> ends(events, attempt));
  }
}
