package dev.buildman.schedule;

import static dev.buildman.schedule.TestManager.place;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.FakeExecutor;
import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.RedisTime;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.queue.Builds;
import dev.buildman.orchestrator.queue.Enqueue;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A walk outlives Redis: each command is repeated unchanged, and the launch call made once. */
@RedisTest
class WalkOutlivesRedisIT {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final FakeExecutor executor = new FakeExecutor("only");

  private static OrchestratorScripts scripts(OwnRedis redis) {
    Limits limits = Limits.defaults().with(new Limits.Capacity(10, 1, 0, 1000));
    return redis.scripts(() -> limits, RedisTime.SERVER);
  }

  private static BuildId enqueue(OrchestratorScripts scripts) {
    return sure(new Enqueue(scripts).run(TestOrchestrator.build("ns/repo")));
  }

  private static void awaitLaunched(OrchestratorScripts scripts, BuildId build) {
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(new Jobs(scripts).get(build).map(JobRecord::step))
                    .isEqualTo(Optional.of(JobRecord.Step.LAUNCHED)));
  }

  @Test
  void aLaunchIsRecordedWhenRedisComesBack(OwnRedis redis) {
    OrchestratorScripts scripts = scripts(redis);
    CountDownLatch open = executor.hangNext();
    BuildId build = enqueue(scripts);

    try (TestManager manager = new TestManager(scripts, "m", place(executor))) {
      manager.dispatcher.start();
      await().until(() -> executor.started().size() == 1);
      redis.process().kill();
      open.countDown();
      await().until(() -> executor.running().size() == 1);
      redis.process().start();

      awaitLaunched(scripts, build);
    }
    assertThat(executor.started()).hasSize(1);
    assertThat(executor.stopped()).isEmpty();
    assertThat(new Builds(scripts).get(build).orElseThrow().course().counts().attempt())
        .isEqualTo(1);
  }

  @Test
  void aClaimWithoutAnAnswerIsFoundAgain(OwnRedis redis) {
    OrchestratorScripts scripts = scripts(redis);
    try (TestManager manager = new TestManager(scripts, "m", place(executor))) {
      manager.dispatcher.start();
      for (int outage = 0; outage < 3; outage++) {
        BuildId build = sure(new Enqueue(scripts).run(TestOrchestrator.build("ns/r" + outage)));
        manager.dispatcher.wake();
        redis.process().pause();
        // Commands time out meanwhile; the server runs those that it has read when it goes on.
        await().during(Duration.ofMillis(2500)).until(() -> true);
        redis.process().resume();

        awaitLaunched(scripts, build);
        assertThat(executor.started()).hasSize(outage + 1);
      }
    }
  }
}
