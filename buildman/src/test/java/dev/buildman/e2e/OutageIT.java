package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outages do not kill builds (R3, R13, R14). */
@RedisTest
class OutageIT {
  /** Longer than the lease of these tests; the whole length with {@code -Dbuildman.long=true}. */
  private static final Duration AWAY =
      Boolean.getBoolean("buildman.long") ? Duration.ofSeconds(90) : Duration.ofSeconds(20);

  private static final Map<String, String> SHORT_LEASE =
      Map.of("BUILDMAN.LEASE", "12s", "ALLOWED_WORKER_COUNT", "5");

  @TempDir private Path folder;

  @Test
  void redisDiesAndComesBackWhileBuildsRun(OwnRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(SHORT_LEASE);
        BuildsClient client = manager.client()) {
      List<Build> builds = heldBuilds(client, steps);

      redis.process().kill();
      pass(AWAY);
      assertThat(manager.isAlive()).as(manager.log()).isTrue();
      redis.process().start();
      steps.gate(Hold.BUILDING).open();

      assertNoAttemptLost(client, builds);
      Watching.awaitNothingLeft(client, site);
    }
  }

  @Test
  void theOnlyManagerIsDownForLongerThanALease(OwnRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(SHORT_LEASE)) {
      List<Build> builds;
      try (BuildsClient client = manager.client()) {
        builds = heldBuilds(client, steps);
      }

      manager.kill();
      pass(AWAY);
      manager.start();
      manager.awaitReady();
      steps.gate(Hold.BUILDING).open();

      try (BuildsClient client = manager.client()) {
        assertNoAttemptLost(client, builds);
        Watching.awaitNothingLeft(client, site);
      }
    }
  }

  private static List<Build> heldBuilds(BuildsClient client, Steps steps) throws Exception {
    steps.pushBase(client);
    steps.gate(Hold.BUILDING).shut();
    List<Build> builds = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      builds.add(steps.enqueue(client, "acme/app-" + i));
    }
    for (Build build : builds) {
      Watching.awaitPhase(client, build.getId(), Phase.PHASE_BUILDING);
    }
    return builds;
  }

  private static void assertNoAttemptLost(BuildsClient client, List<Build> builds)
      throws InterruptedException {
    for (Build build : builds) {
      Build ended = Watching.toTheEnd(client, build);
      assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
      assertThat(ended.getAttempt()).as("%s", ended).isEqualTo(1);
    }
  }

  /** The outage's length is what is tested: nothing happens that could be waited for. */
  private static void pass(Duration time) {
    Awaitility.await().pollDelay(time).atMost(time.plusSeconds(10)).until(() -> true);
  }
}
