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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class DrainIT {
  private static final int BUILDS = 20;

  @TempDir private Path folder;

  @Test
  void aManagerThatIsAskedToEndLeavesItsBuildsToTheOther(TestRedis redis) throws Exception {
    Map<String, String> changes =
        Map.of("ALLOWED_WORKER_COUNT", Integer.toString(BUILDS), "BUILDMAN.DRAIN_TIMEOUT", "2s");
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess ending = site.manager(changes);
        ManagerProcess staying = site.manager(changes);
        BuildsClient client = staying.client()) {
      steps.pushBase(client);
      steps.gate(Hold.BUILDING).shut();
      List<Build> builds = new ArrayList<>();
      for (int i = 0; i < BUILDS; i++) {
        builds.add(steps.enqueue(client, "acme/app-" + i));
      }
      for (Build build : builds) {
        Watching.awaitPhase(client, build.getId(), Phase.PHASE_BUILDING);
      }

      ending.terminate();
      assertThat(ending.awaitEnd(Duration.ofSeconds(30))).as(ending.log()).isZero();
      assertThat(client.getStatus().getManagersCount()).as("it took its presence with it").isOne();
      steps.gate(Hold.BUILDING).open();

      for (Build build : builds) {
        Build ended = Watching.toTheEnd(client, build);
        assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
        assertThat(ended.getAttempt()).as("%s", ended).isEqualTo(1);
      }
      Watching.awaitNothingLeft(client, site);
      assertThat(ending.log()).doesNotContain(" ERROR ");
    }
  }
}
