package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.queue.ParkKind;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Deadlines of every kind. */
@RedisTest
class SweepIT extends ReconcileFixture {
  @Test
  void theSweepDoesWhatEveryKindOfDeadlineAsksFor() {
    BuildId never = redis.enqueued("ns/one");
    launched();
    BuildId claimed = redis.enqueued("ns/two");
    redis.claimed();
    executor.holdStopsBack(true);

    redis.advance(Duration.ofSeconds(31));
    sweep.runOnce();
    assertThat(redis.record(claimed).standing().place()).isEqualTo(Place.HEAD);

    redis.advance(Duration.ofSeconds(500));
    sweep.runOnce();
    assertThat(reason(never)).isEqualTo("NEVER_REGISTERED");
    assertThat(redis.status.read().slots()).isEqualTo(1);

    redis.advance(Duration.ofSeconds(121));
    sweep.runOnce();
    assertThat(redis.record(never).standing().place()).isEqualTo(Place.HEAD);
    // Held for TERMINATION_HOLD, then freed though the worker still runs.
    assertThat(redis.status.read().slots()).isZero();
    assertThat(redis.duties.open(10)).hasSize(1);
    assertThat(runnable).hasPositiveValue();
  }

  @Test
  void theLogOfAnEndedBuildIsClosedHalfAMinuteLater() {
    BuildId build = redis.enqueued("ns/repo");
    redis.registered(redis.launched());
    sure(redis.cancel.run(build, "somebody", ""));

    sweep.runOnce();
    assertThat(closedLogs).isEmpty();
    redis.advance(Duration.ofSeconds(31));
    sweep.runOnce();
    sweep.runOnce();

    assertThat(closedLogs).containsExactly(build);
  }

  @Test
  void aRepositoryWaitsForAPushThatMayGoOnAndTheSweepLetsItGo() {
    BuildId pushing = redis.enqueued("ns/repo");
    BuildId next = redis.enqueued("ns/repo");
    sure(redis.to(redis.registered(launched()), 1, Phase.PUSHING));
    executor.holdStopsBack(true);
    sure(redis.cancel.run(pushing, "somebody", ""));

    sweep.runOnce();
    assertThat(redis.record(next).standing().place()).isEqualTo(Place.BEHIND);
    redis.advance(Duration.ofSeconds(60));
    sweep.runOnce();

    assertThat(redis.record(next).standing().place()).isEqualTo(Place.HEAD);
  }

  @Test
  void whatIsParkedWakesWithTheSweep() {
    BuildId build = redis.enqueued("ns/repo");
    sure(redis.park.run(redis.claimed().job(), ParkKind.OUTAGE, Reason.EXECUTOR_UNAVAILABLE, ""));

    sweep.runOnce();
    assertThat(redis.record(build).standing().place()).isEqualTo(Place.PARKED);
    redis.advance(Duration.ofSeconds(7));
    sweep.runOnce();

    assertThat(redis.record(build).standing().place()).isEqualTo(Place.HEAD);
  }
}
