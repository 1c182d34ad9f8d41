package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class CapacityIT {
  private static final int ALLOWED = 3;

  @TempDir private Path folder;

  @Test
  void twoManagersShareTheWorkAndNeverExceedTheAllowedWorkers(TestRedis redis) throws Exception {
    Map<String, String> changes = Map.of("ALLOWED_WORKER_COUNT", Integer.toString(ALLOWED));
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger mostSlots = new AtomicInteger();
    AtomicInteger mostAgents = new AtomicInteger();
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess first = site.manager(changes);
        ManagerProcess second = site.manager(changes);
        BuildsClient client = first.client()) {
      steps.pushBase(client);
      Thread sampler =
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!done.get()) {
                      mostSlots.accumulateAndGet(client.getStatus().getSlotsHeld(), Math::max);
                      mostAgents.accumulateAndGet(agents(site), Math::max);
                    }
                  });

      List<Build> builds = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        builds.add(steps.enqueue(client, (i % 2 == 0 ? "acme/app-" : "globex/app-") + i));
      }
      for (Build build : builds) {
        Build ended = Watching.toTheEnd(client, build);
        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        assertThat(ended.getAttempt()).isEqualTo(1);
      }
      done.set(true);
      sampler.join();

      assertThat(mostSlots).hasValueBetween(2, ALLOWED);
      assertThat(mostAgents.get()).isBetween(1, ALLOWED);
      assertThat(first.log() + second.log()).doesNotContain(" ERROR ");
      Watching.awaitNothingLeft(client, site);
    }
  }

  @Test
  void aManagerThatIsAskedToEndLeavesItsBuildsToTheOther(TestRedis redis) throws Exception {
    Map<String, String> changes =
        Map.of("ALLOWED_WORKER_COUNT", "6", "BUILDMAN.DRAIN_TIMEOUT", "2s");
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess ending = site.manager(changes);
        ManagerProcess staying = site.manager(changes);
        BuildsClient client = staying.client()) {
      steps.pushBase(client);
      steps.gate(Hold.BUILDING).shut();
      List<Build> builds = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        builds.add(steps.enqueue(client, "acme/app-" + i));
      }
      for (Build build : builds) {
        Watching.awaitPhase(client, build.getId(), Phase.PHASE_BUILDING);
      }

      ending.terminate();
      assertThat(ending.awaitEnd(Duration.ofSeconds(30))).as(ending.log()).isZero();
      steps.gate(Hold.BUILDING).open();

      for (Build build : builds) {
        Build ended = Watching.toTheEnd(client, build);
        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        assertThat(ended.getAttempt()).as("%s", ended).isEqualTo(1);
      }
      Watching.awaitNothingLeft(client, site);
      Awaitility.await("the manager that ended is not shown any more")
          .atMost(Duration.ofSeconds(60))
          .until(() -> client.getStatus().getManagersCount() == 1);
    }
  }

  private static int agents(Site site) {
    try {
      return WorkerProcesses.of(site).agents().size();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
