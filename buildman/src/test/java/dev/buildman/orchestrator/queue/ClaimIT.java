package dev.buildman.orchestrator.queue;

import static dev.buildman.testing.orchestrator.TestOrchestrator.EXECUTOR;
import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;
import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static dev.buildman.testing.orchestrator.TestOrchestrator.build;
import static dev.buildman.testing.orchestrator.TestOrchestrator.place;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.events.DueWork;
import dev.buildman.redis.ServerFacts;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class ClaimIT {
  private static final ManagerId OTHER = new ManagerId("manager-2");
  private TestOrchestrator all;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
  }

  private static List<BuildId> ids(Result<List<ClaimedBuild>> result) {
    return sure(result).stream().map(one -> one.job().build()).toList();
  }

  @Test
  void anEmptyQueueAndFullSlotsAreRefused() {
    assertThat(all.claim.run(all.nonce(), 1).refused(Refusal.EMPTY)).isTrue();
    all.enqueued("alice/app");
    all.enqueued("bob/app");
    all.allow(1);
    assertThat(ids(all.claim.run(all.nonce(), 5))).hasSize(1);
    assertThat(all.claim.run(all.nonce(), 5).refused(Refusal.FULL)).isTrue();
    all.allow(0);
    assertThat(all.claim.run(all.nonce(), 5).refused(Refusal.FULL)).isTrue();
  }

  @Test
  void aLostAnswerIsFoundAgainWithTheSameNonce() {
    BuildId first = all.enqueued("alice/app");
    BuildId second = all.enqueued("bob/app");
    Nonce nonce = all.nonce();
    Result<List<ClaimedBuild>> answer = all.claim.run(nonce, 2);
    Result<List<ClaimedBuild>> again = all.claim.run(nonce, 2);
    assertThat(again).isInstanceOf(Result.AlreadyThere.class);
    assertThat(sure(again)).isEqualTo(sure(answer));
    JobRef lost = sure(answer).getFirst().job();
    assertThat(lost.build()).isIn(first, second);
    sure(all.park.run(lost, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, ""));
    assertThat(ids(all.claim.run(nonce, 2))).hasSize(1).doesNotContain(lost.build());
  }

  @Test
  void aLowerCounterAndAStolenOneAreStale() {
    all.enqueued("alice/app");
    Nonce low = Nonce.of(OTHER, 1, new byte[16]);
    Nonce high = Nonce.of(OTHER, 2, new byte[16]);
    sure(all.claim.run(high, 1));
    assertThat(all.claim.run(low, 1).refused(Refusal.STALE_NONCE)).isTrue();
    byte[] others = new byte[16];
    others[0] = 1;
    assertThat(all.claim.run(Nonce.of(OTHER, 2, others), 1).refused(Refusal.STALE_NONCE)).isTrue();
  }

  @Test
  void aClaimOnlyReservesItsAttempt() {
    BuildId id = all.enqueued("alice/app");
    ClaimedBuild claimed = all.claimed();
    assertThat(claimed.job().attempt().number()).isOne();
    assertThat(all.record(id).course().counts().attempt()).isZero();
    assertThat(all.phase(id)).isEqualTo(Phase.BUILD_SCHEDULED);
    assertThat(all.record(id).standing().place()).isEqualTo(Place.JOB);
    assertThat(claimed.history().tries()).isEqualTo(3);
    assertThat(claimed.history().triesAfterThis()).isEqualTo(2);
    // No agent may register before the intent.
    assertThat(all.register.run(all.registration(claimed.job(), "1")).refused(Refusal.ENDED))
        .isTrue();
  }

  @Test
  void namespacesTakeTurns() {
    for (int i = 0; i < 3; i++) {
      all.enqueued("alice/app" + i);
      all.enqueued("bob/app" + i);
    }
    List<String> turns =
        sure(all.claim.run(all.nonce(), 6)).stream()
            .map(one -> one.repository().namespace().value())
            .toList();
    assertThat(turns).containsSubsequence("alice", "bob", "alice", "bob");
    assertThat(turns.subList(0, 2)).containsExactlyInAnyOrder("alice", "bob");
    assertThat(turns.subList(2, 4)).containsExactlyInAnyOrder("alice", "bob");
  }

  @Test
  void prioritiesOrderHeadsOfANamespaceButNeverBuildsOfOneRepository() {
    NewBuild.Options high = new NewBuild.Options("", 100, 3, Optional.empty(), Set.of(), "");
    BuildId low = all.enqueued("alice/low");
    BuildId lowSecond = all.enqueued("alice/high");
    BuildId urgent = all.enqueue.run(build("alice/urgent", high)).held().orElseThrow();
    BuildId behind = all.enqueue.run(build("alice/high", high)).held().orElseThrow();
    assertThat(all.claimed().job().build()).isEqualTo(urgent);
    assertThat(all.claimed().job().build()).isEqualTo(low);
    assertThat(all.claimed().job().build()).isEqualTo(lowSecond);
    assertThat(all.claim.run(all.nonce(), 1).refused(Refusal.EMPTY)).isTrue();
    assertThat(all.record(behind).standing().place()).isEqualTo(Place.BEHIND);
  }

  /** A score of priority 100 must still tell one sequence number from the next. */
  @Test
  void scoresAreExactAtTheirEnds() {
    NewBuild.Options lowest = new NewBuild.Options("", -100, 3, Optional.empty(), Set.of(), "");
    BuildId first = all.enqueue.run(build("alice/a", lowest)).held().orElseThrow();
    BuildId second = all.enqueue.run(build("alice/b", lowest)).held().orElseThrow();
    assertThat(all.builds.position(second)).isEqualTo(2);
    assertThat(all.claimed().job().build()).isEqualTo(first);
    assertThat(all.claimed().job().build()).isEqualTo(second);
  }

  @Test
  void aNamespaceAtItsLimitStandsAsideUntilOneEndsOrTheLimitIsRaised() {
    all.limits(all.limits().with(new Limits.Capacity(10, 1, 1, 100)));
    all.enqueued("alice/a");
    BuildId second = all.enqueued("alice/b");
    all.enqueued("bob/a");
    assertThat(sure(all.claim.run(all.nonce(), 10))).hasSize(2);
    assertThat(all.claim.run(all.nonce(), 10).refused(Refusal.EMPTY)).isTrue();
    all.limits(all.limits().with(new Limits.Capacity(10, 1, 2, 100)));
    all.jump(Duration.ofSeconds(5));
    DueWork due = all.due.run(HOST, 10);
    assertThat(due.parked()).isNotEmpty();
    due.parked().forEach(member -> sure(all.wakeParked.run(member)));
    assertThat(all.claimed().job().build()).isEqualTo(second);
  }

  @Test
  void aFullNamespaceIsBackInTheRoundAsSoonAsOneOfItsJobsEnds() {
    all.limits(all.limits().with(new Limits.Capacity(10, 1, 1, 100)));
    BuildId first = all.enqueued("alice/a");
    BuildId second = all.enqueued("alice/b");
    sure(all.claim.run(all.nonce(), 10));
    sure(all.cancel.run(first, "", ""));
    assertThat(all.claimed().job().build()).isEqualTo(second);
  }

  @Test
  void parkGivesAClaimBackWithItsPlaceAndTries() {
    BuildId id = all.enqueued("alice/app");
    JobRef job = all.claimed().job();
    sure(all.park.run(job, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, "All busy."));
    BuildRecord record = all.record(id);
    assertThat(record.standing().place()).isEqualTo(Place.PARKED);
    assertThat(record.standing().phase()).isEqualTo(Phase.WAITING);
    assertThat(record.standing().reason()).isEqualTo("CAPACITY_WAIT");
    assertThat(record.course().counts().tries()).isEqualTo(3);
    assertThat(record.course().counts().attempt()).isZero();
    assertThat(all.status.read().slots()).isZero();
    String before = all.dump(id);
    assertThat(
            all.park
                .run(job, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, "")
                .refused(Refusal.NOT_YOURS))
        .isTrue();
    assertThat(all.dump(id)).isEqualTo(before);
  }

  @Test
  void aRepeatedReasonAddsNothingToTheHistory() {
    BuildId id = all.enqueued("alice/app");
    for (int i = 0; i < 3; i++) {
      sure(all.park.run(all.claimed().job(), ParkKind.CAPACITY, Reason.CAPACITY_WAIT, ""));
      assertThat(all.wakeParked.byEvent(10).held()).contains(1);
    }
    assertThat(all.reasons(id)).containsExactly("CAPACITY_WAIT", "ENQUEUED");
  }

  @Test
  void onlyTheClaimsOwnerBeforeItsIntentMayPark() {
    all.enqueued("alice/app");
    JobRef job = all.claimed().job();
    JobRef foreign = new JobRef(job.attempt(), all.nonce(OTHER));
    assertThat(
            all.park
                .run(foreign, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, "")
                .refused(Refusal.NOT_YOURS))
        .isTrue();
    sure(all.intend.run(job, place(EXECUTOR, job)));
    assertThat(
            all.park
                .run(job, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, "")
                .refused(Refusal.HAS_INTENT))
        .isTrue();
    assertThat(
            all.parkNamespace
                .run(job, ParkKind.CAPACITY, Reason.CAPACITY_WAIT, "", Duration.ofSeconds(5))
                .refused(Refusal.HAS_INTENT))
        .isTrue();
  }

  @Test
  void aBuildParkedForRoomWakesByEventOrAfterFiveSeconds() {
    BuildId id = all.enqueued("alice/app");
    sure(all.park.run(all.claimed().job(), ParkKind.CAPACITY, Reason.CAPACITY_WAIT, ""));
    assertThat(all.wakeParked.run(id.value()).refused(Refusal.NOT_DUE)).isTrue();
    assertThat(all.wakeParked.byEvent(10)).isEqualTo(new Result.Applied<>(1));
    assertThat(all.wakeParked.byEvent(10)).isEqualTo(new Result.AlreadyThere<>(0));
    assertThat(all.wakeParked.run(id.value())).isInstanceOf(Result.AlreadyThere.class);
    sure(all.park.run(all.claimed().job(), ParkKind.CAPACITY, Reason.CAPACITY_WAIT, ""));
    all.jump(Duration.ofSeconds(5));
    assertThat(all.wakeParked.run(id.value())).isInstanceOf(Result.Applied.class);
    assertThat(all.claimed().job().build()).isEqualTo(id);
  }

  @Test
  void aBuildParkedForAnOutageWakesByTimeOnlyAfterAPauseThatGrows() {
    BuildId id = all.enqueued("alice/app");
    for (long most : new long[] {6, 12, 24}) {
      sure(all.park.run(all.claimed().job(), ParkKind.OUTAGE, Reason.EXECUTOR_UNAVAILABLE, ""));
      assertThat(all.wakeParked.byEvent(10).held()).contains(0);
      all.jump(Duration.ofSeconds(most / 2 - 1 - most / 6));
      assertThat(all.wakeParked.run(id.value()).refused(Refusal.NOT_DUE)).isTrue();
      all.jump(Duration.ofSeconds(most));
      assertThat(all.wakeParked.run(id.value())).isInstanceOf(Result.Applied.class);
    }
    for (int i = 0; i < 10; i++) {
      sure(all.park.run(all.claimed().job(), ParkKind.OUTAGE, Reason.EXECUTOR_UNAVAILABLE, ""));
      all.jump(Duration.ofSeconds(360));
      assertThat(all.wakeParked.run(id.value())).isInstanceOf(Result.Applied.class);
    }
    assertThat(all.record(id).course().counts().tries()).isEqualTo(3);
  }

  @Test
  void aNamespaceThatNobodyTakesStandsAsideWhateverWaitsInIt() {
    for (int i = 0; i < 20; i++) {
      all.enqueued("alice/app" + i);
    }
    JobRef job = all.claimed().job();
    String head =
        all.redis()
            .raw()
            .zrangeWithScores(all.keys().heads(new dev.buildman.model.Namespace("alice")), 0, 0)
            .toString();
    sure(
        all.parkNamespace.run(
            job, ParkKind.OUTAGE, Reason.NAMESPACE_NOT_ALLOWED, "", Duration.ofSeconds(5)));
    assertThat(head).isNotEmpty();
    assertThat(all.record(job.build()).standing().place()).isEqualTo(Place.HEAD);
    assertThat(all.claim.run(all.nonce(), 5).refused(Refusal.EMPTY)).isTrue();
    all.enqueued("alice/late");
    assertThat(all.claim.run(all.nonce(), 5).refused(Refusal.EMPTY)).isTrue();
    assertThat(all.wakeParked.byEvent(5).held()).contains(0);
    all.jump(Duration.ofSeconds(5));
    DueWork due = all.due.run(HOST, 10);
    assertThat(due.parked()).containsExactly("ns:alice");
    sure(all.wakeParked.run("ns:alice"));
    assertThat(all.claimed().job().build()).isEqualTo(job.build());
  }

  @Test
  void aNamespaceParkedForRoomWakesByEvent() {
    all.enqueued("alice/app");
    JobRef job = all.claimed().job();
    sure(
        all.parkNamespace.run(
            job, ParkKind.CAPACITY, Reason.EXECUTOR_FULL, "", Duration.ofSeconds(5)));
    assertThat(all.wakeParked.byEvent(5).held()).contains(1);
    assertThat(all.claimed().job().build()).isEqualTo(job.build());
  }

  @Test
  void afterAFailoverClaimsWaitOneLeaseButNotAfterARestartThatLostNothing() {
    all.enqueued("alice/app");
    all.facts(new ServerFacts("7.0.15", "replication-2", true, true, ""));
    assertThat(sure(all.tick.run(MANAGER)).claimsFrom()).isPresent();
    assertThat(all.claim.run(all.nonce(), 1).refused(Refusal.FAILED_OVER)).isTrue();
    all.advance(Duration.ofSeconds(61));
    assertThat(all.claim.run(all.nonce(), 1).held()).isPresent();
    all.facts(new ServerFacts("7.0.15", "replication-3", false, true, ""));
    assertThat(sure(all.tick.run(MANAGER)).claimsFrom()).isEmpty();
  }
}
