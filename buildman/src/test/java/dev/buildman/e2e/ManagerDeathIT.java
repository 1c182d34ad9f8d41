package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.e2e.Steps.Hold;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a manager in each phase costs a build nothing: no attempt, no log line, no worker. */
@RedisTest
class ManagerDeathIT {
  @TempDir private Path folder;

  @Test
  void theOnlyManagerDiesInEachPhaseAndComesBack(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(Map.of())) {
      try (BuildsClient client = manager.client()) {
        steps.pushBase(client);
      }
      for (Hold hold : Hold.values()) {
        String id = heldBuild(manager, steps, hold);

        manager.kill();
        manager.start();
        manager.awaitReady();
        steps.gate(hold).open();

        assertOneCleanRun(manager, site, id, hold);
      }
    }
  }

  @Test
  void anotherManagerTakesOverInEachPhase(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess first = site.manager(Map.of());
        ManagerProcess second = site.manager(Map.of())) {
      try (BuildsClient client = first.client()) {
        steps.pushBase(client);
      }
      List<ManagerProcess> managers = List.of(first, second);
      for (Hold hold : Hold.values()) {
        ManagerProcess dying = managers.get(hold.ordinal() % 2);
        ManagerProcess other = managers.get((hold.ordinal() + 1) % 2);
        String id = heldBuild(other, steps, hold);

        dying.kill();
        steps.gate(hold).open();

        assertOneCleanRun(other, site, id, hold);
        dying.start();
        dying.awaitReady();
      }
    }
  }

  private static String heldBuild(ManagerProcess manager, Steps steps, Hold hold) throws Exception {
    steps.gate(hold).shut();
    try (BuildsClient client = manager.client()) {
      Build build =
          steps.enqueue(client, "acme/in-" + hold.phase().name().toLowerCase().replace('_', '-'));
      Watching.awaitPhase(client, build.getId(), hold.phase());
      Awaitility.await("the agent stands before the gate").until(steps.gate(hold)::isWaitedAt);
      return build.getId();
    }
  }

  private static void assertOneCleanRun(ManagerProcess manager, Site site, String id, Hold hold)
      throws Exception {
    try (BuildsClient client = manager.client()) {
      Watching watching = new Watching();
      Build ended = watching.follow(client, id);
      assertThat(ended.getPhase()).as("%s: %s", hold, ended).isEqualTo(Phase.PHASE_COMPLETE);
      assertThat(ended.getAttempt()).as("%s: an attempt was lost", hold).isEqualTo(1);
      assertThat(watching.reasons()).filteredOn("REGISTERED"::equals).as("%s", hold).hasSize(1);
      assertThat(watching.log().split("COPY hello.txt", -1))
          .as("%s: the log tells each step once: %s", hold, watching.log())
          .hasSize(2);
      Watching.awaitNothingLeft(client, site);
    }
  }
}
