package dev.buildman.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class WholeWayIT {
  @TempDir private Path folder;

  @Test
  void aBuildGoesFromTheQueueToTheRegistryAndLeavesNothingBehind(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix());
        Steps steps = new Steps(site);
        ManagerProcess manager = site.manager(Map.of());
        BuildsClient client = manager.client()) {
      steps.pushBase(client);
      Watching watching = new Watching();
      Build build = steps.enqueue(client, "acme/app");

      Build ended = watching.follow(client, build.getId());

      assertThat(ended.getPhase()).as("%s", ended).isEqualTo(Phase.PHASE_COMPLETE);
      assertThat(ended.getAttempt()).isEqualTo(1);
      assertThat(ended.getResult().getDigestsList()).hasSize(1);
      assertThat(watching.reasons())
          .containsSubsequence(
              "ENQUEUED", "ATTEMPT_STARTED", "LAUNCHED", "REGISTERED", "COMPLETED");
      assertThat(watching.log()).contains("COPY hello.txt");
      Watching.awaitNothingLeft(client, site);
    }
  }
}
