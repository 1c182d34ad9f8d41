package dev.buildman.orchestrator.job;

import static dev.buildman.testing.orchestrator.TestOrchestrator.EXECUTOR;
import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;
import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static dev.buildman.testing.orchestrator.TestOrchestrator.SECOND;
import static dev.buildman.testing.orchestrator.TestOrchestrator.build;
import static dev.buildman.testing.orchestrator.TestOrchestrator.job;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.Ending;
import dev.buildman.model.JobRef;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class EndsIT {
  private TestOrchestrator all;
  private BuildId id;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
    id = all.enqueued("alice/app");
  }

  private Result<Ended> exit(JobRef job, Ending ending, boolean gone) {
    return all.finishExit.run(job, EXECUTOR, EndNote.of(ending), Optional.empty(), gone);
  }

  private Duty duty() {
    return sure(all.takeDuties.run(HOST, 10)).getFirst();
  }

  private void wake() {
    all.jump(Duration.ofSeconds(400));
    all.due.run(HOST, 10).delayed().forEach(build -> sure(all.wakeDelayed.run(build)));
  }

  @Test
  void anExitOfAnotherAttemptNonceOrExecutorEndsNothing() {
    JobRef claimed = all.claimed().job();
    assertThat(exit(claimed, Ending.WORKER_GONE, true).refused(Refusal.ENDED)).isTrue();
    sure(all.intend.run(claimed, TestOrchestrator.place(EXECUTOR, claimed)));
    JobRef other = new JobRef(claimed.attempt(), all.nonce());
    assertThat(exit(other, Ending.WORKER_GONE, true).refused(Refusal.ENDED)).isTrue();
    assertThat(
            all.finishExit
                .run(claimed, SECOND, EndNote.of(Ending.WORKER_GONE), Optional.empty(), true)
                .refused(Refusal.ENDED))
        .isTrue();
    assertThat(exit(claimed, Ending.WORKER_GONE, true)).isInstanceOf(Result.Applied.class);
    assertThat(exit(claimed, Ending.WORKER_GONE, true).refused(Refusal.ENDED)).isTrue();
    assertThat(all.record(id).course().counts().tries()).isEqualTo(2);
  }

  @Test
  void anExitDecidedByAPhaseThatHasPassedIsDecidedAgain() {
    SessionRef session = all.in(Phase.BUILDING);
    assertThat(
            all.finishExit.run(
                job(session),
                EXECUTOR,
                EndNote.of(Ending.WORKER_GONE),
                Optional.of(Phase.PULLING),
                true))
        .isEqualTo(new Result.Refused<>(Refusal.PHASE_CHANGED, "building"));
    assertThat(all.phase(id)).isEqualTo(Phase.BUILDING);
  }

  @Test
  void whenTriesAreSpentTheLastReasonStands() {
    for (int tries = 2; tries >= 1; tries--) {
      Ended ended = sure(exit(all.launched(), Ending.OUT_OF_MEMORY, true));
      assertThat(ended.repeated()).isTrue();
      assertThat(ended.pause()).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(12));
      assertThat(all.record(id).course().counts().tries()).isEqualTo(tries);
      wake();
    }
    Ended last = sure(exit(all.launched(), Ending.OUT_OF_MEMORY, true));
    assertThat(last.place()).isEqualTo(Place.END);
    assertThat(all.phase(id)).isEqualTo(Phase.INTERNAL_ERROR);
    assertThat(all.record(id).standing().reason()).isEqualTo("OOM_KILLED");
  }

  @Test
  void interruptionsCostNoTryButAreBounded() {
    for (int i = 1; i <= 10; i++) {
      sure(exit(all.launched(), Ending.PROVIDER_INTERRUPTION, true));
      assertThat(all.record(id).course().counts().tries()).isEqualTo(3);
      assertThat(all.record(id).course().counts().interruptions()).isEqualTo(i);
      wake();
    }
    sure(exit(all.launched(), Ending.PROVIDER_INTERRUPTION, true));
    assertThat(all.phase(id)).isEqualTo(Phase.INTERNAL_ERROR);
  }

  /**
   * D8: what was seen to end frees its slot at once; else the slot is held, then freed with an
   * alarm.
   */
  @Test
  void aConfirmedExitFreesItsSlotAndAnUnconfirmedOneHoldsIt() {
    JobRef first = all.launched();
    sure(exit(first, Ending.WORKER_GONE, true));
    assertThat(all.status.read().slots()).isZero();
    assertThat(all.releaseSlot.run(first.attempt())).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.status.read().duties().open()).isOne();
    wake();
    JobRef second = all.launched();
    assertThat(all.releaseSlot.run(second.attempt()).refused(Refusal.LIVE)).isTrue();
    sure(exit(second, Ending.WORKER_GONE, false));
    assertThat(all.status.read().slots()).isOne();
    assertThat(all.status.read().live()).containsEntry("first", 1);
    assertThat(all.releaseSlot.run(second.attempt()).refused(Refusal.NOT_DUE)).isTrue();
    all.jump(Duration.ofSeconds(120));
    assertThat(all.due.run(HOST, 10).slots()).containsExactly(second.attempt());
    assertThat(all.releaseSlot.run(second.attempt())).isInstanceOf(Result.Applied.class);
    assertThat(all.status.read().slots()).isZero();
    assertThat(all.status.read().live()).containsEntry("first", 0);
    assertThat(all.status.read().duties().open()).isEqualTo(2);
    assertThat(all.reasons(id)).contains("SLOT_RELEASED");
  }

  @Test
  void retriesKeepTheOrderOfTheirRepository() {
    BuildId newer = all.enqueued("alice/app");
    sure(exit(all.launched(), Ending.WORKER_GONE, true));
    assertThat(all.record(newer).standing().place()).isEqualTo(Place.BEHIND);
    assertThat(all.claim.run(all.nonce(), 5).refused(Refusal.EMPTY)).isTrue();
    wake();
    assertThat(all.claimed().job().build()).isEqualTo(id);
  }

  @Test
  void aDelayedBuildWakesAtItsTimeOnly() {
    sure(exit(all.launched(), Ending.WORKER_GONE, true));
    assertThat(all.wakeDelayed.run(id).refused(Refusal.NOT_DUE)).isTrue();
    all.jump(Duration.ofSeconds(7));
    assertThat(all.wakeDelayed.run(id)).isInstanceOf(Result.Applied.class);
    assertThat(all.wakeDelayed.run(id)).isInstanceOf(Result.AlreadyThere.class);
  }

  /** D10: a notice is no confirmed end, and ours may push on until its lease is over. */
  @Test
  void afterANoticeWhilePushingTheRepeatWaitsForTheLease() {
    SessionRef session = all.in(Phase.PUSHING);
    all.advance(Duration.ofSeconds(20));
    sure(exit(job(session), Ending.PROVIDER_INTERRUPTION, false));
    assertThat(all.record(id).standing().fence()).isOne();
    all.advance(Duration.ofSeconds(39));
    assertThat(all.wakeDelayed.run(id).refused(Refusal.PUSH_MAY_GO_ON)).isTrue();
    assertThat(all.letGo.run(session.attempt()).refused(Refusal.NOT_DUE)).isTrue();
    assertThat(all.due.run(HOST, 10).fences()).isEmpty();
    all.advance(Duration.ofSeconds(1));
    assertThat(all.due.run(HOST, 10).fences()).containsExactly(session.attempt());
    assertThat(all.letGo.run(session.attempt())).isInstanceOf(Result.Applied.class);
    assertThat(all.letGo.run(session.attempt())).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.wakeDelayed.run(id)).isInstanceOf(Result.Applied.class);
  }

  /** A deadline that the client's time limit cut short is not the end of the agent's lease. */
  @Test
  void theFenceLastsAsLongAsTheAgentsLeaseAlsoWhenTheBuildTimesOut() {
    BuildId hasty =
        all.enqueue
            .run(
                build(
                    "bob/app",
                    new NewBuild.Options(
                        "", 0, 3, Optional.of(Duration.ofSeconds(30)), Set.of(), "")))
            .held()
            .orElseThrow();
    sure(all.cancel.run(id, "", ""));
    SessionRef session = all.in(Phase.PUSHING);
    all.advance(Duration.ofSeconds(25));
    sure(all.heartbeat.run(session, MANAGER));
    all.advance(Duration.ofSeconds(5));
    sure(all.expire.run(hasty));
    assertThat(all.phase(hasty)).isEqualTo(Phase.ERROR);
    assertThat(all.record(hasty).standing().reason()).isEqualTo("BUILD_TIMEOUT");
    assertThat(all.letGo.run(session.attempt()).refused(Refusal.NOT_DUE)).isTrue();
    all.advance(Duration.ofSeconds(55));
    sure(all.letGo.run(session.attempt()));
  }

  @Test
  void quaysAgentPushesOnSoTheRepeatWaitsUntilItWasSeenGone() {
    SessionRef session = all.registeredQuay();
    sure(all.to(session, 1, Phase.PUSHING));
    sure(exit(job(session), Ending.PROVIDER_INTERRUPTION, false));
    all.jump(Duration.ofHours(10));
    assertThat(all.due.run(HOST, 10).delayed()).isEmpty();
    assertThat(all.wakeDelayed.run(id).refused(Refusal.PUSH_MAY_GO_ON)).isTrue();
    assertThat(all.letGo.run(session.attempt()).refused(Refusal.NOT_DUE)).isTrue();
    sure(all.dutyConfirmed.run(duty().attempt()));
    assertThat(all.record(id).standing().fence()).isZero();
    assertThat(all.wakeDelayed.run(id)).isInstanceOf(Result.Applied.class);
  }

  @Test
  void aConfirmedExitWhilePushingNeedsNoFence() {
    SessionRef session = all.in(Phase.PUSHING);
    sure(exit(job(session), Ending.WORKER_GONE, true));
    assertThat(all.record(id).standing().fence()).isZero();
  }

  /** D11: the same fence keeps the repository's place after a cancel. */
  @Test
  void aCancelWhilePushingKeepsTheRepositorysPlaceUntilThePushIsOver() {
    BuildId next = all.enqueued("alice/app");
    SessionRef session = all.in(Phase.PUSHING);
    Ended ended = sure(all.cancel.run(id, "alice", "enough"));
    assertThat(ended.reason().code()).isEqualTo("CANCELLED_WHILE_PUSHING");
    assertThat(all.phase(id)).isEqualTo(Phase.CANCELLED);
    assertThat(all.record(id).course().cancelledBy()).isEqualTo("alice");
    assertThat(all.record(next).standing().place()).isEqualTo(Place.BEHIND);
    assertThat(all.retire.run(id, Duration.ZERO).refused(Refusal.OPEN)).isTrue();
    all.advance(Duration.ofSeconds(60));
    sure(all.letGo.run(session.attempt()));
    assertThat(all.record(next).standing().place()).isEqualTo(Place.HEAD);
  }

  @Test
  void aBuildWhoseWorkerWasNotSeenGoneIsNotRetired() {
    all.in(Phase.BUILDING);
    sure(all.cancel.run(id, "", ""));
    assertThat(all.record(id).standing().fence()).isZero();
    assertThat(all.retire.run(id, Duration.ZERO).refused(Refusal.OPEN)).isTrue();
    sure(all.dutyConfirmed.run(duty().attempt()));
    assertThat(all.retire.run(id, Duration.ZERO)).isInstanceOf(Result.Applied.class);
  }

  @Test
  void aConfirmedDutyTakesItsFenceDownEarly() {
    BuildId next = all.enqueued("alice/app");
    all.in(Phase.PUSHING);
    sure(all.cancel.run(id, "", ""));
    sure(all.dutyConfirmed.run(duty().attempt()));
    assertThat(all.record(next).standing().place()).isEqualTo(Place.HEAD);
    assertThat(all.due.run(HOST, 10).fences()).isEmpty();
  }

  @Test
  void aCancelOfABuildDelayedBehindAFenceInheritsTheWait() {
    BuildId next = all.enqueued("alice/app");
    SessionRef session = all.in(Phase.PUSHING);
    sure(exit(job(session), Ending.PROVIDER_INTERRUPTION, false));
    sure(all.cancel.run(id, "", ""));
    assertThat(all.phase(id)).isEqualTo(Phase.CANCELLED);
    assertThat(all.record(next).standing().place()).isEqualTo(Place.BEHIND);
    all.advance(Duration.ofSeconds(60));
    sure(all.letGo.run(session.attempt()));
    assertThat(all.record(next).standing().place()).isEqualTo(Place.HEAD);
  }

  @Test
  void aCancelFreesTheRepositoryAtOnceInEveryOtherPlace() {
    BuildId second = all.enqueued("alice/app");
    BuildId third = all.enqueued("alice/app");
    BuildId fourth = all.enqueued("alice/app");
    BuildId fifth = all.enqueued("alice/app");
    sure(all.cancel.run(third, "", "")); // behind
    sure(all.cancel.run(id, "", "")); // head
    assertThat(all.record(second).standing().place()).isEqualTo(Place.HEAD);
    JobRef parked = all.claimed().job();
    sure(
        all.park.run(
            parked,
            dev.buildman.orchestrator.queue.ParkKind.CAPACITY,
            dev.buildman.model.Reason.CAPACITY_WAIT,
            ""));
    sure(all.cancel.run(second, "", "")); // parked
    assertThat(all.record(fourth).standing().place()).isEqualTo(Place.HEAD);
    sure(exit(all.launched(), Ending.WORKER_GONE, true));
    sure(all.cancel.run(fourth, "", "")); // delayed
    JobRef claimed = all.claimed().job();
    assertThat(claimed.build()).isEqualTo(fifth);
    sure(all.cancel.run(fifth, "", "")); // claimed
    assertThat(all.cancel.run(fifth, "", "")).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.cancel.run(BuildId.random(), "", "").refused(Refusal.UNKNOWN)).isTrue();
    assertThat(all.status.read().slots()).isZero();
    assertThat(all.status.read().queue().parked()).isZero();
    assertThat(all.status.read().queue().delayed()).isZero();
    assertThat(all.status.read().queue().runnable()).isZero();
    assertThat(all.redis().raw().exists(all.keys().holding(all.record(id).repository()))).isZero();
  }

  @Test
  void backOffDoublesUpToItsMaximumAndIsSpread() {
    all.limits(
        all.limits().with(new Limits.Retries(100, Duration.ofSeconds(5), Duration.ofSeconds(300))));
    for (int i = 0; i < 9; i++) {
      Ended ended = sure(exit(all.launched(), Ending.PROVIDER_INTERRUPTION, true));
      long middle = Math.min(300, 5L << i);
      assertThat(ended.pause().toMillis()).isBetween(middle * 800, middle * 1200);
      wake();
    }
  }

  @Test
  void aWorkersLongestLifeEndsItsBuildAlsoInGrace() {
    SessionRef session = all.in(Phase.BUILDING);
    for (int i = 0; i < 180; i++) {
      all.advance(Duration.ofSeconds(40));
      all.heartbeat.run(session, MANAGER);
    }
    all.jump(Duration.ofSeconds(11));
    sure(all.expire.run(id));
    assertThat(all.phase(id)).isEqualTo(Phase.INTERNAL_ERROR);
    assertThat(all.record(id).standing().reason()).isEqualTo("MACHINE_MAX_TIME");
  }
}
