package dev.buildman.orchestrator.job;

import static dev.buildman.testing.orchestrator.TestOrchestrator.ALL;
import static dev.buildman.testing.orchestrator.TestOrchestrator.EXECUTOR;
import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static dev.buildman.testing.orchestrator.TestOrchestrator.SECOND;
import static dev.buildman.testing.orchestrator.TestOrchestrator.build;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Ending;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class SessionIT {
  private TestOrchestrator all;
  private BuildId id;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis).allow(10);
    id = all.enqueued("alice/app");
  }

  private static SetPhase.Step step(SessionRef session, int sequence) {
    return new SetPhase.Step(session, sequence, MANAGER);
  }

  /** Managers share no clock: a moment by Redis's would mean another span to each of them. */
  @Test
  void whatIsLeftOfTheClientsTimeIsToldAsASpan() {
    sure(all.cancel.run(id, "", ""));
    var half = new NewBuild.Options("", 0, 3, Optional.of(Duration.ofSeconds(30)), Set.of(), "");
    sure(all.enqueue.run(TestOrchestrator.build("bob/app", half)));
    Registration registration = all.registration(all.launched(), "1.0");
    assertThat(sure(all.register.run(registration)).timeLeft()).contains(Duration.ofSeconds(30));
    all.advance(Duration.ofSeconds(10));
    assertThat(sure(all.register.run(registration)).timeLeft()).contains(Duration.ofSeconds(20));
  }

  @Test
  void aLostAnswerOfARegistrationIsFoundAgain() {
    Registration registration = all.registration(all.launched(), "1.0");
    Registered first = sure(all.register.run(registration));
    Result<Registered> again = all.register.run(registration);
    assertThat(again).isEqualTo(new Result.AlreadyThere<>(first));
    assertThat(first.spec()).isEqualTo(all.record(id).spec());
    assertThat(first.current()).isTrue();
  }

  /** D16: a late copy must not make a session that nobody has and fence the good one. */
  @Test
  void aLateCopyOfARegistrationDoesNotFenceTheGoodSession() {
    JobRef job = all.launched();
    Registration first = all.registration(job, "1.0");
    sure(all.register.run(first));
    SessionRef second = all.registered(job);
    assertThat(second.session()).isEqualTo(2);
    Registered late = sure(all.register.run(first));
    assertThat(late.session().session()).isOne();
    assertThat(late.current()).isFalse();
    assertThat(all.heartbeat.run(second, MANAGER).held()).isPresent();
  }

  @Test
  void aLaterSessionFencesTheEarlierOne() {
    JobRef job = all.launched();
    SessionRef first = all.registered(job);
    SessionRef second = all.registered(job);
    assertThat(all.heartbeat.run(first, MANAGER).refused(Refusal.FENCED)).isTrue();
    assertThat(all.to(first, 1, Phase.UNPACKING).refused(Refusal.FENCED)).isTrue();
    assertThat(all.heartbeat.run(second, MANAGER).held()).isPresent();
  }

  @Test
  void beatsThatGoTogetherAreJudgedOneByOne() throws Exception {
    sure(all.enqueue.run(TestOrchestrator.build("ns/second")));
    sure(all.enqueue.run(TestOrchestrator.build("ns/third")));
    SessionRef good = all.registered(all.launched());
    SessionRef other = all.registered(all.launched());
    SessionRef ended = all.registered(all.launched());
    sure(all.cancel.run(ended.build(), "", ""));
    all.advance(Duration.ofSeconds(50));

    List<Optional<Result<Done>>> answers =
        all.heartbeat
            .runAsync(
                List.of(
                    new Heartbeat.Beat(good, new Usage(1_500, 2_000, 3_000)),
                    new Heartbeat.Beat(ended, Usage.UNKNOWN),
                    new Heartbeat.Beat(other, Usage.UNKNOWN)),
                MANAGER)
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    assertThat(answers)
        .containsExactly(
            Optional.of(new Result.Applied<>(Done.DONE)),
            Optional.of(new Result.Refused<>(Refusal.FENCED, "CANCELLED")),
            Optional.of(new Result.Applied<>(Done.DONE)));

    all.advance(Duration.ofSeconds(50));
    assertThat(all.expire.run(good.build()).refused(Refusal.NOT_DUE)).isTrue();
    assertThat(all.expire.run(other.build()).refused(Refusal.NOT_DUE)).isTrue();
  }

  @Test
  void aBrokenRecordEndsNoBeatButItsOwn() throws Exception {
    sure(all.enqueue.run(TestOrchestrator.build("ns/second")));
    SessionRef broken = all.registered(all.launched());
    SessionRef good = all.registered(all.launched());
    all.advance(Duration.ofSeconds(50));
    all.redis().raw().del(all.keys().job(broken.build()));
    all.redis().raw().set(all.keys().job(broken.build()), "no hash");

    List<Optional<Result<Done>>> answers =
        all.heartbeat
            .runAsync(
                List.of(
                    new Heartbeat.Beat(broken, Usage.UNKNOWN),
                    new Heartbeat.Beat(good, Usage.UNKNOWN)),
                MANAGER)
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);

    assertThat(answers)
        .containsExactly(Optional.empty(), Optional.of(new Result.Applied<>(Done.DONE)));
    all.advance(Duration.ofSeconds(50));
    assertThat(all.expire.run(good.build()).refused(Refusal.NOT_DUE)).isTrue();
  }

  @Test
  void aTokenIsSpentByTheFirstBeatOfItsSession() {
    JobRef job = all.launched();
    SessionRef session = all.registered(job);
    sure(all.heartbeat.run(session, MANAGER));
    assertThat(all.register.run(all.registration(job, "1.0")).refused(Refusal.TOKEN_SPENT))
        .isTrue();
  }

  @Test
  void onlyTheAttemptsOwnTokenRegisters() {
    JobRef job = all.launched();
    Registration good = all.registration(job, "1.0");
    JobRef otherAttempt = new JobRef(new AttemptId(id, 2), job.nonce());
    JobRef otherNonce = new JobRef(job.attempt(), all.nonce());
    for (JobRef wrong : List.of(otherAttempt, otherNonce)) {
      assertThat(all.register.run(all.registration(wrong, "1.0")).refused(Refusal.ENDED)).isTrue();
    }
    Registration elsewhere =
        new Registration(
            job, SECOND, good.callId(), good.agent(), good.manager(), Optional.empty(), Set.of());
    assertThat(all.register.run(elsewhere).refused(Refusal.ENDED)).isTrue();
    sure(all.cancel.run(id, "", ""));
    assertThat(all.register.run(good)).isEqualTo(new Result.Refused<>(Refusal.ENDED, "CANCELLED"));
  }

  /** D17: a failover that loses writes gives attempt and session numbers out again. */
  @Test
  void anAgentFromBeforeAFailoverIsFencedAlthoughItsNumbersAreGivenOutAgain() {
    SessionRef now = all.registered();
    Nonce before = Nonce.of(new ManagerId("manager-0"), 1, new byte[16]);
    SessionRef old = new SessionRef(now.attempt(), now.session(), before);
    assertThat(all.heartbeat.run(old, MANAGER).refused(Refusal.FENCED)).isTrue();
    assertThat(all.to(old, 1, Phase.PUSHING).refused(Refusal.FENCED)).isTrue();
    assertThat(
            all.finishPhase
                .run(step(old, 2), EndNote.of(Ending.COMPLETED), BuildResult.UNKNOWN)
                .refused(Refusal.FENCED))
        .isTrue();
    assertThat(
            all.register
                .run(all.registration(new JobRef(old.attempt(), before), "1.0"))
                .refused(Refusal.ENDED))
        .isTrue();
  }

  @Test
  void whatAnAgentCannotDoGoesToTheNextExecutorOrEndsTheBuild() {
    NewBuild.Options needy =
        new NewBuild.Options("", 0, 3, Optional.empty(), Set.of("secrets", "build_args"), "");
    BuildId build = all.enqueue.run(build("bob/app", needy)).held().orElseThrow();
    sure(all.cancel.run(id, "", ""));
    Registration first = all.registration(all.launched(), "");
    Registration goesOn =
        new Registration(
            first.job(), EXECUTOR, "c", first.agent(), MANAGER, Optional.of(SECOND), Set.of());
    assertThat(all.register.run(goesOn))
        .isEqualTo(new Result.Refused<>(Refusal.AGENT_LACKS_CAPABILITY, "secrets"));
    assertThat(all.record(build).standing().place()).isEqualTo(Place.HEAD);
    assertThat(all.record(build).course().counts().tries()).isEqualTo(3);
    Registration second = all.registration(all.launched(), "");
    assertThat(second.agent().capabilities()).isEqualTo(ALL);
    assertThat(all.register.run(second).refused(Refusal.AGENT_LACKS_CAPABILITY)).isTrue();
    assertThat(all.phase(build)).isEqualTo(Phase.ERROR);
    assertThat(all.record(build).standing().sentence()).contains("secrets");
    assertThat(all.status.read().duties().open()).isEqualTo(2);
  }

  @Test
  void whatTheInstallationAddsIsNeededToo() {
    Registration plain = all.registration(all.launched(), "");
    Registration added =
        new Registration(
            plain.job(),
            EXECUTOR,
            "c",
            plain.agent(),
            MANAGER,
            Optional.empty(),
            Set.of("no_cache", "build_args"));
    assertThat(all.register.run(added))
        .isEqualTo(new Result.Refused<>(Refusal.AGENT_LACKS_CAPABILITY, "no_cache"));
    assertThat(all.phase(id)).isEqualTo(Phase.ERROR);
    assertThat(all.record(id).standing().sentence())
        .contains("this installation gives to every build: no_cache");
  }

  @Test
  void everySignOfLifeMovesTheLeaseButNeverBeyondTheMachinesLife() {
    SessionRef session = all.registered();
    all.advance(Duration.ofSeconds(40));
    sure(all.heartbeat.run(session, MANAGER));
    assertThat(all.jobOf(id).times().deadline()).isEqualTo(all.now().plusSeconds(60));
    all.advance(Duration.ofSeconds(40));
    all.to(session, 1, Phase.UNPACKING);
    assertThat(all.jobOf(id).times().deadline()).isEqualTo(all.now().plusSeconds(60));
    for (int i = 0; i < 178; i++) {
      all.advance(Duration.ofSeconds(40));
      sure(all.heartbeat.run(session, MANAGER));
    }
    assertThat(all.jobOf(id).times().deadline())
        .isEqualTo(all.jobOf(id).times().maxExpiration().orElseThrow());
  }

  @Test
  void aBeatIsNotedWithTheManagerThatTookIt() {
    SessionRef session = all.registered();
    ManagerId second = new ManagerId("manager-2");
    all.advance(Duration.ofSeconds(3));
    sure(all.heartbeat.run(session, second));
    JobRecord.AgentState agent = all.jobOf(id).agent().orElseThrow();
    assertThat(agent.streams()).isEqualTo(second);
    assertThat(agent.lastBeat()).isEqualTo(all.now());
    assertThat(agent.kind()).isEqualTo(AgentKind.OURS);
    assertThat(all.jobs.live()).containsExactly(all.jobOf(id));
  }

  @Test
  void phasesGoForwardOnlyAndTheSameOneAgainSucceeds() {
    SessionRef session = all.registered();
    assertThat(all.to(session, 1, Phase.PULLING)).isInstanceOf(Result.Applied.class);
    assertThat(all.to(session, 2, Phase.PULLING)).isInstanceOf(Result.Applied.class);
    assertThat(all.to(session, 3, Phase.UNPACKING))
        .isEqualTo(new Result.Refused<>(Refusal.BACKWARDS, "pulling"));
    assertThat(all.to(session, 4, Phase.PUSHING)).isInstanceOf(Result.Applied.class);
    assertThat(all.reasons(id).stream().filter("PHASE_CHANGED"::equals)).hasSize(2);
    for (Phase phase : List.of(Phase.WAITING, Phase.BUILD_SCHEDULED, Phase.COMPLETE)) {
      assertThat(all.to(session, 5, phase).refused(Refusal.UNKNOWN_PHASE)).isTrue();
    }
  }

  @Test
  void aReplayedSequenceNumberGetsItsFirstAnswer() {
    SessionRef session = all.registered();
    sure(all.to(session, 1, Phase.UNPACKING));
    sure(all.to(session, 2, Phase.BUILDING));
    String before = all.dump(id);
    assertThat(all.to(session, 1, Phase.UNPACKING))
        .isEqualTo(new Result.AlreadyThere<>(Phase.UNPACKING));
    assertThat(all.dump(id)).isEqualTo(before);
    assertThat(all.phase(id)).isEqualTo(Phase.BUILDING);
  }

  @Test
  void emptyPullMetadataDoesNotEraseWhatIsThere() {
    SessionRef session = all.registered();
    sure(all.setPhase.run(step(session, 1), Phase.PULLING, "busybox"));
    sure(all.setPhase.run(step(session, 2), Phase.PULLING, ""));
    assertThat(all.redis().raw().hget(all.keys().build(id), "pull")).isEqualTo("busybox");
  }

  @Test
  void completeNeedsPushingAndItsReplayIsAlreadyThere() {
    SessionRef session = all.in(Phase.BUILDING);
    EndNote completed = EndNote.of(Ending.COMPLETED);
    assertThat(all.finishPhase.run(step(session, 2), completed, BuildResult.UNKNOWN))
        .isEqualTo(new Result.Refused<>(Refusal.NOT_PUSHING, "building"));
    sure(all.to(session, 3, Phase.PUSHING));
    assertThat(all.finishPhase.run(step(session, 4), completed, BuildResult.UNKNOWN))
        .isInstanceOf(Result.Applied.class);
    assertThat(all.finishPhase.run(step(session, 4), completed, BuildResult.UNKNOWN))
        .isInstanceOf(Result.AlreadyThere.class);
    assertThat(
            all.finishPhase
                .run(step(session, 5), completed, BuildResult.UNKNOWN)
                .refused(Refusal.FENCED))
        .isTrue();
    assertThat(all.heartbeat.run(session, MANAGER))
        .isEqualTo(new Result.Refused<>(Refusal.FENCED, "COMPLETED"));
    assertThat(all.cancel.run(id, "", ""))
        .isEqualTo(new Result.Refused<>(Refusal.ENDED, "COMPLETED"));
  }

  @Test
  void aReportedFailureIsFinalOrCostsATryAndItsReplayIsAlreadyThere() {
    SessionRef session = all.in(Phase.BUILDING);
    EndNote platform = EndNote.of(Ending.PLATFORM_FAILURE);
    assertThat(all.finishPhase.run(step(session, 2), platform, BuildResult.UNKNOWN))
        .isInstanceOf(Result.Applied.class);
    assertThat(all.finishPhase.run(step(session, 2), platform, BuildResult.UNKNOWN))
        .isInstanceOf(Result.AlreadyThere.class);
    assertThat(all.record(id).course().counts().tries()).isEqualTo(2);
    all.jump(Duration.ofSeconds(7));
    sure(all.wakeDelayed.run(id));
    SessionRef again = all.in(Phase.BUILDING);
    assertThat(again.session()).isEqualTo(2);
    EndNote user =
        new EndNote(Ending.USER_FAILURE, Reason.DOCKERFILE_INVALID, "Line 3: no such instruction.");
    sure(all.finishPhase.run(step(again, 2), user, BuildResult.UNKNOWN));
    assertThat(all.phase(id)).isEqualTo(Phase.ERROR);
    assertThat(all.record(id).standing().reason()).isEqualTo("DOCKERFILE_INVALID");
    assertThat(all.record(id).standing().sentence()).isEqualTo("Line 3: no such instruction.");
    assertThat(all.record(id).course().times().ended()).contains(all.now());
  }
}
