package dev.buildman.orchestrator.job;

import static dev.buildman.testing.orchestrator.TestOrchestrator.EXECUTOR;
import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;
import static dev.buildman.testing.orchestrator.TestOrchestrator.SECOND;
import static dev.buildman.testing.orchestrator.TestOrchestrator.place;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.queue.ClaimedBuild;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class LaunchWalkIT {
  private static final Reason REFUSED = Reason.EXECUTOR_UNAVAILABLE;
  private static final Duration SETUP = Duration.ofSeconds(500);

  private TestOrchestrator all;
  private BuildId id;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
    id = all.enqueued("alice/app");
  }

  private JobRef foreign(JobRef job) {
    return new JobRef(job.attempt(), all.nonce(new ManagerId("other")));
  }

  private static WorkerPlace atMost(WorkerPlace place, int workers) {
    return new WorkerPlace(
        place.executor(),
        place.host(),
        place.name(),
        OptionalInt.of(workers),
        Optional.of(Duration.ofSeconds(50)));
  }

  private List<Duty> duties() {
    return sure(all.takeDuties.run(HOST, 10));
  }

  @Test
  void anIntentStartsTheAttemptAndItsReplayIsAlreadyThere() {
    JobRef job = all.claimed().job();
    WorkerPlace place = place(EXECUTOR, job);
    assertThat(all.intend.run(job, place))
        .isEqualTo(new Result.Applied<>(all.now().plusSeconds(30)));
    assertThat(all.record(id).course().counts().attempt()).isOne();
    assertThat(all.jobOf(id).step()).isEqualTo(JobRecord.Step.INTENDED);
    assertThat(all.jobOf(id).times().maxExpiration()).contains(all.now().plusSeconds(7200));
    String before = all.dump(id);
    assertThat(all.intend.run(job, place)).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.dump(id)).isEqualTo(before);
    assertThat(all.intend.run(job, place(SECOND, job)).refused(Refusal.OTHER_INTENT)).isTrue();
    assertThat(all.intend.run(foreign(job), place).refused(Refusal.NOT_YOURS)).isTrue();
  }

  @Test
  void anExecutorNeverHasMoreThanItsMaximum() {
    all.enqueued("bob/app");
    JobRef first = all.claimed().job();
    JobRef second = all.claimed().job();
    sure(all.intend.run(first, atMost(place(EXECUTOR, first), 1)));
    assertThat(
            all.intend
                .run(second, atMost(place(EXECUTOR, second), 1))
                .refused(Refusal.EXECUTOR_FULL))
        .isTrue();
    sure(all.intend.run(second, place(SECOND, second)));
    assertThat(
            all.moveOn
                .next(second, atMost(place(EXECUTOR, second), 1), REFUSED, "")
                .refused(Refusal.EXECUTOR_FULL))
        .isTrue();
    assertThat(all.status.read().live()).containsEntry("first", 1).containsEntry("second", 1);
    assertThat(all.jobOf(first.build()).times().maxExpiration())
        .contains(all.now().plusSeconds(50));
  }

  @Test
  void aLaunchIsRecordedOnce() {
    JobRef job = all.claimed().job();
    assertThat(all.launched.run(job, "pod-1", SETUP).refused(Refusal.NO_INTENT)).isTrue();
    sure(all.intend.run(job, place(EXECUTOR, job)));
    assertThat(all.launched.run(foreign(job), "pod-1", SETUP).refused(Refusal.NOT_YOURS)).isTrue();
    assertThat(all.launched.run(job, "pod-1", SETUP)).isInstanceOf(Result.Applied.class);
    assertThat(all.launched.run(job, "pod-1", SETUP)).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.jobOf(id).worker().orElseThrow().executionId()).contains("pod-1");
    assertThat(all.jobOf(id).times().deadline()).isEqualTo(all.now().plus(SETUP));
  }

  @Test
  void aLaunchRecordedAfterTheRegistrationLeavesTheLeaseAlone() {
    JobRef job = all.intended();
    all.registered(job);
    sure(all.launched.run(job, "pod-1", SETUP));
    assertThat(all.jobOf(id).times().deadline()).isEqualTo(all.now().plusSeconds(60));
  }

  @Test
  void aSureFailurePassesItsSlotOnToTheNextAttemptWithoutADuty() {
    JobRef job = all.intended();
    JobRef next = new JobRef(new AttemptId(id, 2), job.nonce());
    assertThat(all.moveOn.next(job, place(SECOND, next), REFUSED, "refused"))
        .isEqualTo(new Result.Applied<>(next));
    assertThat(all.moveOn.next(job, place(SECOND, next), REFUSED, "refused"))
        .isEqualTo(new Result.AlreadyThere<>(next));
    assertThat(all.record(id).course().counts().attempt()).isEqualTo(2);
    assertThat(all.record(id).course().counts().tries()).isEqualTo(3);
    assertThat(all.status.read().slots()).isOne();
    assertThat(all.status.read().live()).containsEntry("first", 0).containsEntry("second", 1);
    assertThat(duties()).isEmpty();
    assertThat(all.launched.run(job, "late", SETUP).refused(Refusal.NOT_YOURS)).isTrue();
    assertThat(all.launched.run(next, "pod-2", SETUP).held()).isPresent();
  }

  /** Another manager's later claim reserves the same number: that is no replay of this command. */
  @Test
  void anotherClaimsAttemptIsNotTakenForOnesOwn() {
    JobRef job = all.intended();
    sure(all.moveOn.ambiguous(job, Optional.of(SECOND), REFUSED, ""));
    JobRef other = all.claimed().job();
    assertThat(other.attempt().number()).isEqualTo(2);
    sure(all.intend.run(other, place(SECOND, other)));
    assertThat(all.moveOn.next(job, place(SECOND, other), REFUSED, "").refused(Refusal.NOT_YOURS))
        .isTrue();
  }

  @Test
  void withoutAnotherExecutorASureFailureParksTheBuildForAnOutage() {
    JobRef job = all.intended();
    sure(all.moveOn.last(job, REFUSED, "connection refused"));
    assertThat(all.record(id).standing().place()).isEqualTo(Place.PARKED);
    assertThat(all.record(id).standing().sentence()).isEqualTo("connection refused");
    assertThat(all.record(id).course().counts().tries()).isEqualTo(3);
    assertThat(all.status.read().slots()).isZero();
    assertThat(duties()).isEmpty();
    assertThat(all.moveOn.last(job, REFUSED, "").refused(Refusal.NOT_YOURS)).isTrue();
    assertThat(all.wakeParked.byEvent(5).held()).contains(0);
    all.jump(Duration.ofSeconds(6));
    sure(all.wakeParked.run(id.value()));
    assertThat(all.claimed().job().attempt().number()).isEqualTo(2);
  }

  @Test
  void anAmbiguousFailureKeepsItsSlotUntilItsDutyIsDone() {
    JobRef job = all.intended();
    sure(all.moveOn.ambiguous(job, Optional.of(SECOND), REFUSED, "time-out"));
    assertThat(all.record(id).standing().place()).isEqualTo(Place.HEAD);
    ClaimedBuild again = all.claimed();
    assertThat(again.history().next()).contains(SECOND);
    assertThat(again.history().tries()).isEqualTo(3);
    assertThat(again.history().interruptions()).isZero();
    assertThat(all.status.read().slots()).isEqualTo(2);
    Duty duty = duties().getFirst();
    assertThat(duty.progress().launchAnswered()).isFalse();
    // A launch that was never answered may come late: ten minutes.
    assertThat(all.dutyConfirmed.run(duty.attempt()).refused(Refusal.NOT_DUE)).isTrue();
    all.jump(Duration.ofMinutes(10));
    sure(all.dutyConfirmed.run(duty.attempt()));
    assertThat(all.status.read().slots()).isOne();
  }

  @Test
  void anAmbiguousFailureOfTheLastExecutorParksTheBuild() {
    JobRef job = all.intended();
    sure(all.moveOn.ambiguous(job, Optional.empty(), REFUSED, "time-out"));
    assertThat(all.record(id).standing().place()).isEqualTo(Place.PARKED);
    assertThat(duties()).hasSize(1);
    assertThat(all.reasons(id)).containsExactly(REFUSED.code(), "ATTEMPT_STARTED", "ENQUEUED");
  }

  @Test
  void whatIsImpossibleEndsTheBuildWithoutADuty() {
    JobRef job = all.intended();
    sure(all.moveOn.impossible(job, Reason.UNSATISFIABLE, "no such platform"));
    assertThat(all.phase(id)).isEqualTo(Phase.ERROR);
    assertThat(all.record(id).standing().sentence()).isEqualTo("no such platform");
    assertThat(all.status.read().slots()).isZero();
    assertThat(duties()).isEmpty();
  }

  @Test
  void noAttemptMovesOnBeforeItsIntentOrAfterItsLaunchOrFromASession() {
    JobRef job = all.claimed().job();
    assertThat(all.moveOn.last(job, REFUSED, "").refused(Refusal.NO_INTENT)).isTrue();
    sure(all.intend.run(job, place(EXECUTOR, job)));
    all.registered(job);
    assertThat(all.moveOn.last(job, REFUSED, "").refused(Refusal.HAS_SESSION)).isTrue();
    assertThat(
            all.moveOn
                .ambiguous(job, Optional.of(SECOND), REFUSED, "")
                .refused(Refusal.HAS_SESSION))
        .isTrue();
    assertThat(all.moveOn.next(job, place(SECOND, job), REFUSED, "").refused(Refusal.HAS_SESSION))
        .isTrue();
    assertThat(all.moveOn.impossible(job, REFUSED, "").refused(Refusal.HAS_SESSION)).isTrue();
    all.enqueued("bob/app");
    JobRef launched = all.launched();
    assertThat(all.moveOn.last(launched, REFUSED, "").refused(Refusal.LAUNCHED)).isTrue();
  }

  @Test
  void aClaimWhoseManagerIsLostIsTakenBackForNothing() {
    JobRef job = all.claimed().job();
    assertThat(all.expire.run(id).refused(Refusal.NOT_DUE)).isTrue();
    all.advance(Duration.ofSeconds(30));
    assertThat(all.expire.run(id)).isEqualTo(new Result.Applied<>(new Expired.ClaimTakenBack()));
    assertThat(all.record(id).standing().place()).isEqualTo(Place.HEAD);
    assertThat(all.status.read().slots()).isZero();
    assertThat(all.intend.run(job, place(EXECUTOR, job)).refused(Refusal.NOT_YOURS)).isTrue();
    assertThat(all.claimed().job().attempt().number()).isOne();
  }

  @Test
  void anIntentWithoutALaunchCostsNoTryButIsCounted() {
    all.intended();
    all.advance(Duration.ofSeconds(30));
    sure(all.expire.run(id));
    assertThat(all.record(id).standing().place()).isEqualTo(Place.DELAYED);
    assertThat(all.record(id).course().counts().tries()).isEqualTo(3);
    assertThat(all.record(id).course().counts().interruptions()).isOne();
    assertThat(duties().getFirst().progress().launchAnswered()).isFalse();
  }

  @Test
  void aWorkerThatNeverRegistersCostsATry() {
    all.launched();
    all.advance(SETUP);
    sure(all.expire.run(id));
    assertThat(all.record(id).course().counts().tries()).isEqualTo(2);
    assertThat(all.record(id).standing().reason()).isEqualTo("NEVER_REGISTERED");
  }
}
