package dev.buildman.orchestrator.duty;

import static dev.buildman.testing.orchestrator.TestOrchestrator.EXECUTOR;
import static dev.buildman.testing.orchestrator.TestOrchestrator.HOST;
import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static dev.buildman.testing.orchestrator.TestOrchestrator.job;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.Ending;
import dev.buildman.model.HostId;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.job.WorkerPlace;
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
class DutiesIT {
  private static final HostId ELSEWHERE = new HostId("host-2");
  private TestOrchestrator all;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
  }

  private List<Duty> take(HostId host) {
    return sure(all.takeDuties.run(host, 10));
  }

  private void present(HostId host, String manager) {
    sure(
        all.presence.run(
            new ManagerInfo(new ManagerId(manager), host, "1", all.now(), false),
            Duration.ofSeconds(10)));
  }

  private SessionRef registeredOn(Optional<HostId> host, String version) {
    all.enqueued("alice/app" + all.nonce().counter());
    JobRef job = all.claimed().job();
    WorkerPlace place =
        new WorkerPlace(EXECUTOR, host, "name", OptionalInt.empty(), Optional.empty());
    sure(all.intend.run(job, place));
    sure(all.launched.run(job, "42", Duration.ofSeconds(500)));
    return sure(all.register.run(all.registration(job, version))).session();
  }

  /** No line comes from a worker that is gone: its readers need not wait for half a minute. */
  @Test
  void aLogIsClosedSoonAfterItsWorkerIsGone() {
    SessionRef session = registeredOn(Optional.empty(), "1.0");
    sure(all.cancel.run(session.build(), "", ""));
    all.advance(Duration.ofSeconds(3));
    assertThat(all.due.run(HOST, 10).logs()).isEmpty();
    sure(all.dutyConfirmed.run(job(session)));
    all.advance(Duration.ofSeconds(3));
    assertThat(all.due.run(HOST, 10).logs()).containsExactly(session.build());
  }

  @Test
  void aDutyHoldsAllThatIsNeededAndOneManagerWorksItForAMinute() {
    SessionRef session = registeredOn(Optional.empty(), "1.0");
    sure(all.cancel.run(session.build(), "", ""));
    Duty duty = take(HOST).getFirst();
    assertThat(duty.attempt()).isEqualTo(job(session));
    assertThat(duty.worker().executor()).isEqualTo(EXECUTOR);
    assertThat(duty.worker().executionId()).contains("42");
    assertThat(duty.worker().name()).isEqualTo("name");
    assertThat(duty.reason()).isEqualTo("CANCELLED");
    assertThat(duty.progress().launchAnswered()).isTrue();
    assertThat(duty.progress().created()).isEqualTo(all.now());
    assertThat(take(ELSEWHERE)).isEmpty();
    all.advance(Duration.ofSeconds(60));
    assertThat(all.due.run(ELSEWHERE, 1).duties()).isTrue();
    assertThat(take(ELSEWHERE)).containsExactly(duty);
    assertThat(all.duties.get(session.attempt())).contains(duty);
    assertThat(all.duties.open(10)).containsExactly(duty);
  }

  private JobRef intended() {
    all.enqueued("alice/app" + all.nonce().counter());
    JobRef job = all.claimed().job();
    sure(
        all.intend.run(
            job,
            new WorkerPlace(
                EXECUTOR, Optional.empty(), "name", OptionalInt.empty(), Optional.empty())));
    return job;
  }

  /** It was cancelled while the executor thought about its launch. */
  @Test
  void aDutyWaitsForWhatMayStillComeOfALaunchUntilThatIsAnswered() {
    JobRef job = intended();
    sure(all.cancel.run(job.build(), "", ""));
    assertThat(take(HOST).getFirst().progress().launchAnswered()).isFalse();
    assertThat(all.dutyConfirmed.run(job).refused(Refusal.NOT_DUE)).isTrue();
    sure(all.dutyPostponed.forLaunch(job, Duration.ofSeconds(60), 1, "it may still come"));
    assertThat(take(HOST)).isEmpty();

    sure(all.launchAnswered.run(job, Optional.of("42")));

    Duty duty = take(HOST).getFirst();
    assertThat(duty.progress().launchAnswered()).isTrue();
    assertThat(duty.worker().executionId()).contains("42");
    sure(all.dutyConfirmed.run(job));
    assertThat(all.status.read().slots()).isZero();
    assertThat(all.launchAnswered.run(job, Optional.of("42")))
        .isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.duties.open(10)).isEmpty();
  }

  /** The answer came between the look that found it too early and its being put off. */
  @Test
  void aDutyThatIsPutOffForALaunchWhoseAnswerHasComeIsDueAtOnce() {
    JobRef job = intended();
    sure(all.cancel.run(job.build(), "", ""));
    assertThat(take(HOST)).hasSize(1);
    sure(all.launchAnswered.run(job, Optional.empty()));

    sure(all.dutyPostponed.forLaunch(job, Duration.ofSeconds(60), 1, "it may still come"));

    assertThat(take(HOST)).hasSize(1);
  }

  @Test
  void theAnswerOfAnotherClaimsLaunchChangesNothing() {
    JobRef job = intended();
    sure(all.cancel.run(job.build(), "", ""));
    JobRef other = new JobRef(job.attempt(), all.nonce());

    assertThat(all.launchAnswered.run(other, Optional.empty()))
        .isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.dutyConfirmed.run(job).refused(Refusal.NOT_DUE)).isTrue();
  }

  @Test
  void aWorkerThatWasSeenOrWhoseAgentRegisteredIsTheAnswerOfItsLaunch() {
    JobRef seen = intended();
    EndNote end = EndNote.of(Ending.WORKER_GONE);
    sure(all.finishExit.run(seen, EXECUTOR, end, Optional.empty(), false));
    JobRef registered = intended();
    sure(all.register.run(all.registration(registered, "1.0")));
    sure(all.cancel.run(registered.build(), "", ""));

    assertThat(all.duties.open(10)).hasSize(2).allMatch(duty -> duty.progress().launchAnswered());
    sure(all.dutyConfirmed.run(seen));
    sure(all.dutyConfirmed.run(registered));
  }

  @Test
  void confirmingTwiceOrForAnotherClaimChangesNothing() {
    SessionRef session = registeredOn(Optional.empty(), "1.0");
    sure(all.cancel.run(session.build(), "", ""));
    JobRef other = new JobRef(session.attempt(), all.nonce());
    assertThat(all.dutyConfirmed.run(other)).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.status.read().duties().open()).isOne();
    assertThat(all.dutyConfirmed.run(job(session))).isInstanceOf(Result.Applied.class);
    assertThat(all.dutyConfirmed.run(job(session))).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.status.read().slots()).isZero();
    assertThat(all.duties.get(session.attempt())).isEmpty();
  }

  /** D14: a stale postponement must not bring a confirmed duty back. */
  @Test
  void postponingMovesADutyAndNeverCreatesOne() {
    SessionRef session = registeredOn(Optional.empty(), "1.0");
    sure(all.cancel.run(session.build(), "", ""));
    assertThat(take(HOST)).hasSize(1);
    assertThat(all.dutyPostponed.run(job(session), Duration.ofSeconds(300), 1, "still there"))
        .isInstanceOf(Result.Applied.class);
    all.advance(Duration.ofSeconds(299));
    assertThat(take(HOST)).isEmpty();
    all.advance(Duration.ofSeconds(1));
    assertThat(take(HOST).getFirst().progress().tries()).isOne();
    sure(all.dutyConfirmed.run(job(session)));
    assertThat(all.dutyPostponed.run(job(session), Duration.ZERO, 2, ""))
        .isInstanceOf(Result.AlreadyThere.class);
    assertThat(take(HOST)).isEmpty();
    assertThat(all.duties.open(10)).isEmpty();
  }

  @Test
  void dutiesOfAHostAreItsOwnManagersAsLongAsItIsThere() {
    SessionRef session = registeredOn(Optional.of(ELSEWHERE), "1.0");
    present(ELSEWHERE, "manager-2");
    sure(all.cancel.run(session.build(), "", ""));
    assertThat(all.due.run(HOST, 1).duties()).isFalse();
    assertThat(take(HOST)).isEmpty();
    assertThat(take(ELSEWHERE)).hasSize(1);
  }

  /** Others look meanwhile whether they are abandoned, and must not put them off by that. */
  @Test
  void dutiesOfAHostThatComesBackAreDueAtOnce() {
    present(ELSEWHERE, "elsewhere");
    SessionRef session = registeredOn(Optional.of(ELSEWHERE), "1.0");
    sure(all.cancel.run(session.build(), "", ""));
    all.advance(Duration.ofSeconds(30));
    assertThat(take(HOST)).as("the host is away").isEmpty();
    present(ELSEWHERE, "elsewhere");
    assertThat(take(ELSEWHERE)).extracting(Duty::attempt).containsExactly(job(session));
  }

  @Test
  void dutiesOfAHostThatIsGoneCloseWhenItsAgentsHaveEndedThemselves() {
    SessionRef ours = registeredOn(Optional.of(ELSEWHERE), "1.0");
    SessionRef quays = registeredOn(Optional.of(ELSEWHERE), "");
    present(ELSEWHERE, "manager-2");
    sure(all.cancel.run(ours.build(), "", ""));
    sure(all.cancel.run(quays.build(), "", ""));
    // Presence of 10 s, a window of 300 s, and a minute more.
    all.advance(Duration.ofSeconds(369));
    assertThat(take(HOST)).isEmpty();
    all.advance(Duration.ofSeconds(61));
    List<Duty> abandoned = take(HOST);
    assertThat(abandoned).extracting(Duty::attempt).containsExactly(job(ours));
    assertThat(abandoned.getFirst().abandoned()).isTrue();
    sure(all.dutyConfirmed.run(abandoned.getFirst().attempt()));
    all.advance(Duration.ofHours(5));
    assertThat(take(HOST)).isEmpty();
    present(ELSEWHERE, "manager-3");
    all.advance(Duration.ofSeconds(60));
    assertThat(take(ELSEWHERE)).extracting(Duty::attempt).containsExactly(job(quays));
  }

  @Test
  void aBuildIsRetiredOnlyWhenItIsOldAndNothingIsLeftOfIt() {
    SessionRef session = registeredOn(Optional.empty(), "1.0");
    Duration week = Duration.ofDays(7);
    assertThat(all.retire.run(session.build(), week).refused(Refusal.NOT_DUE)).isTrue();
    sure(all.cancel.run(session.build(), "", ""));
    assertThat(all.retire.run(session.build(), week).refused(Refusal.NOT_DUE)).isTrue();
    all.jump(week);
    assertThat(all.builds.endedLongerThan(week, 10)).containsExactly(session.build());
    assertThat(all.retire.run(session.build(), week).refused(Refusal.OPEN)).isTrue();
    sure(all.dutyConfirmed.run(job(session)));
    assertThat(all.retire.run(session.build(), week)).isInstanceOf(Result.Applied.class);
    assertThat(all.retire.run(session.build(), week)).isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.builds.get(session.build())).isEmpty();
    assertThat(all.builds.endedLongerThan(week, 10)).isEmpty();
    assertThat(all.builds.history(session.build())).isEmpty();
    assertThat(all.status.read().queue().phases().values()).allMatch(count -> count == 0);
  }

  @Test
  void whoHasBeenGoneForAnHourIsForgotten() {
    present(ELSEWHERE, "manager-2");
    all.enqueued("alice/app");
    sure(all.claim.run(all.nonce(new ManagerId("manager-2")), 1));
    String claims = all.keys().tag() + "claims";
    present(HOST, MANAGER.value());
    assertThat(all.status.managers())
        .extracting(manager -> manager.id().value())
        .containsExactlyInAnyOrder("manager-1", "manager-2");
    all.jump(Duration.ofMinutes(61));
    present(HOST, MANAGER.value());
    assertThat(all.redis().raw().hexists(claims, "manager-2")).isFalse();
    assertThat(all.status.managers()).extracting(ManagerInfo::id).containsExactly(MANAGER);
  }
}
