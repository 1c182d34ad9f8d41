package dev.buildman.agent.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.link.Fault;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.run.FakeEngine.Step;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.Phase;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How a run ends that does not come to its end: cancelled, fenced, without manager, told to go. */
final class BuildRunEndsIT extends BuildRunFixture {
  @Test
  void aFaultOfTheAgentItselfIsReportedAsSuch() throws Exception {
    engine.failIn(Step.PULL, new IllegalStateException("planted"));

    assertThat(outcome(start(PACK))).isEqualTo(Outcome.FAILED);
    assertThat(manager.lastPhase().getFailure().getCode())
        .isEqualTo("io.quay.builder.internalerror");
  }

  @Test
  void aCancelStopsTheBuildAndNothingIsReported() throws Exception {
    engine.hangIn(Step.BUILD);
    CompletableFuture<Outcome> run = start(PACK);
    awaitStep();
    manager.cancel();

    assertThat(run).succeedsWithin(Duration.ofSeconds(2)).isEqualTo(Outcome.STOPPED);
    assertThat(manager.phases()).last().isEqualTo(Phase.BUILDING);
    assertThat(engine.closed).hasValue(1);
  }

  @Test
  void aPushIsHeldWhileTheLeaseIsUncertainAndGoesOnWithTheNextGoodBeat() throws Exception {
    engine.hangIn(Step.PUSH);
    CompletableFuture<Outcome> run = start(PACK.toBuilder().setLeaseSeconds(2).build());
    awaitStep();
    manager.holdBeats(true);
    await().atMost(Duration.ofSeconds(5)).pollDelay(Duration.ofSeconds(2)).until(() -> true);
    engine.mayGoOn.countDown();
    await()
        .during(Duration.ofMillis(300))
        .untilAsserted(() -> assertThat(engine.tagsPut).hasValue(0));

    manager.holdBeats(false);
    manager.endStreams();

    assertThat(outcome(run)).isEqualTo(Outcome.COMPLETE);
    assertThat(engine.tagsPut).hasValue(1);
  }

  @Test
  void aPushThatIsHeldIsGivenUpWhenTheSessionIsOver() throws Exception {
    engine.hangIn(Step.PUSH);
    CompletableFuture<Outcome> run = start(PACK.toBuilder().setLeaseSeconds(1).build());
    awaitStep();
    manager.holdBeats(true);
    await().atMost(Duration.ofSeconds(5)).pollDelay(Duration.ofSeconds(1)).until(() -> true);
    engine.mayGoOn.countDown();
    HeartbeatResponse no = HeartbeatResponse.getDefaultInstance();
    manager.onBeat(no, no, no);
    manager.endStreams();
    manager.holdBeats(false);

    assertThat(outcome(run)).isEqualTo(Outcome.STOPPED);
    assertThat(engine.tagsPut).hasValue(0);
    assertThat(manager.phases()).last().isEqualTo(Phase.PUSHING);
  }

  @Test
  void nothingIsPushedWithoutTheManagersWord() throws Exception {
    engine.hangIn(Step.BUILD);
    CompletableFuture<Outcome> run = start(PACK);
    awaitStep();
    manager.refusePhases("SESSION_FENCED");
    engine.mayGoOn.countDown();

    assertThat(outcome(run)).isEqualTo(Outcome.STOPPED);
    assertThat(engine.tagsPut).hasValue(0);
  }

  @Test
  void aRestartOfTheManagerIsNotNoticedByTheBuild() throws Exception {
    engine.hangIn(Step.BUILD);
    CompletableFuture<Outcome> run = start(PACK);
    awaitStep();
    manager.die();
    engine.mayGoOn.countDown();
    manager.rise();
    manager.onSetPhase(Fault.UNAVAILABLE, Fault.ANSWER_LOST);

    assertThat(outcome(run)).isEqualTo(Outcome.COMPLETE);
    assertThat(manager.phases())
        .containsExactly(
            Phase.UNPACKING, Phase.PULLING, Phase.BUILDING, Phase.PUSHING, Phase.COMPLETE);
  }

  @Test
  void anAgentWithoutItsManagerEndsByItself() throws Exception {
    engine.hangIn(Step.BUILD);
    CompletableFuture<Outcome> run = start(PACK, Duration.ofMillis(1500));
    awaitStep();
    manager.failHeartbeats(Status.UNAVAILABLE);

    assertThat(outcome(run)).isEqualTo(Outcome.MANAGER_LOST);
    assertThat(engine.closed).hasValue(1);
  }

  @Test
  void withoutARegistrationThereIsNothingToDo() throws Exception {
    manager = new TestManager(PACK);
    manager.onRegister(Fault.UNAUTHENTICATED);

    assertThat(outcome(start(Duration.ofSeconds(5)))).isEqualTo(Outcome.NOT_REGISTERED);
    assertThat(manager.phases()).isEmpty();
  }

  @Test
  void aWorkerThatIsToldToEndSaysSoInTheLogAndReportsNoPhase() throws Exception {
    engine.hangIn(Step.BUILD);
    CompletableFuture<Outcome> run = start(PACK);
    awaitStep();
    termination.request();

    assertThat(outcome(run)).isEqualTo(Outcome.TERMINATED);
    assertThat(manager.phases()).last().isEqualTo(Phase.BUILDING);
    assertThat(manager.logLines()).last().asString().contains("told to end");
    assertThat(engine.closed).hasValue(1);
  }

  @Test
  void anEngineThatReportsItsInterruptAsAFailureDoesNotMakeTheBuildFail() throws Exception {
    engine.hangIn(Step.BUILD).failsWhenInterrupted = true;
    CompletableFuture<Outcome> run = start(PACK);
    awaitStep();
    termination.request();

    assertThat(outcome(run)).isEqualTo(Outcome.TERMINATED);
    assertThat(manager.phases()).last().isEqualTo(Phase.BUILDING);
    assertThat(manager.logLines()).last().asString().contains("told to end");
  }
}
