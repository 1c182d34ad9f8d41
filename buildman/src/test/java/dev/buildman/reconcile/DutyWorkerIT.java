package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Workers that must be seen gone. */
@RedisTest
class DutyWorkerIT extends ReconcileFixture {
  @Test
  void aCancelledBuildsWorkerIsSeenGoneAndItsSlotFreed() {
    BuildId build = redis.enqueued("ns/repo");
    launched();
    sure(redis.cancel.run(build, "somebody", ""));

    sweep.runOnce();

    await().untilAsserted(() -> assertThat(redis.duties.open(10)).isEmpty());
    assertThat(executor.running()).isEmpty();
    assertThat(redis.status.read().slots()).isZero();
    assertThat(room).hasPositiveValue();
  }

  @Test
  void aDutyStaysOpenUntilItsWorkerIsSeenGone() throws InterruptedException {
    redis.enqueued("ns/repo");
    JobRef job = launched();
    sure(redis.cancel.run(job.build(), "somebody", ""));
    executor.goBlind(true);

    duties.work(redis.duties.open(1).getFirst());
    assertThat(redis.duties.open(10)).hasSize(1);
    assertThat(redis.duties.open(10).getFirst().progress().tries()).isEqualTo(1);

    executor.goBlind(false);
    redis.advance(Duration.ofSeconds(60));
    sweep.runOnce();
    await().untilAsserted(() -> assertThat(redis.duties.open(10)).isEmpty());
  }

  @Test
  void theDutyOfALaunchWithoutAnAnswerStaysOpenForTenMinutes() {
    redis.enqueued("ns/repo");
    JobRef job = intended();
    sure(redis.moveOn.ambiguous(job, Optional.empty(), Reason.LAUNCH_UNKNOWN, "reset"));

    sweep.runOnce();
    await().untilAsserted(() -> assertThat(executor.stopped()).isNotEmpty());
    await()
        .untilAsserted(
            () -> assertThat(redis.duties.open(10).getFirst().progress().tries()).isEqualTo(1));

    // It comes late, and a later look finds it.
    executor.put(worker(job, OURS));
    redis.advance(Duration.ofSeconds(61));
    sweep.runOnce();
    await().untilAsserted(() -> assertThat(executor.running()).isEmpty());
    assertThat(redis.duties.open(10)).hasSize(1);

    redis.advance(Duration.ofMinutes(10));
    sweep.runOnce();
    await().untilAsserted(() -> assertThat(redis.duties.open(10)).isEmpty());
  }
}
