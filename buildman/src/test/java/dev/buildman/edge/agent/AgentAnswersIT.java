package dev.buildman.edge.agent;

import static dev.buildman.proto.agent.Phase.BUILDING;
import static dev.buildman.proto.agent.Phase.COMPLETE;
import static dev.buildman.proto.agent.Phase.ERROR;
import static dev.buildman.proto.agent.Phase.PULLING;
import static dev.buildman.proto.agent.Phase.PUSHING;
import static dev.buildman.proto.agent.Phase.UNPACKING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogPage;
import dev.buildman.model.Phase;
import dev.buildman.model.Usage;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.BuildResult;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.HeartbeatResponse;
import dev.buildman.proto.agent.LogMessageResponse;
import dev.buildman.proto.agent.PingReply;
import dev.buildman.proto.agent.PingRequest;
import dev.buildman.proto.agent.ResourceUsage;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.proto.agent.SetPhaseResponse;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The table of what agents are answered, cell by cell, while Redis is there. */
@RedisTest
class AgentAnswersIT {
  private EdgeFixture edge;
  private EdgeFixture.Launched worker;
  private SimulatedAgent agent;

  @BeforeEach
  void start(TestRedis redis) {
    edge = new EdgeFixture(redis);
    worker = edge.launched();
    agent = SimulatedAgent.ours(edge.channel());
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  @Nested
  class RegisterBuildJob {
    @Test
    void allWell() {
      BuildPack pack = agent.register(worker.token());

      assertThat(pack.getBuildId()).isEqualTo(worker.build().value());
      assertThat(pack.getAttempt()).isEqualTo(1);
      assertThat(pack.getPushToken()).as("the opened secret").isEqualTo("canary-push-token");
      assertThat(pack.getJobJwt()).isNotEmpty();
    }

    @Test
    void theLogIsRaisedBeforeTheWorkIsHandedOut() throws Exception {
      agent.register(worker.token());
      SimulatedAgent second = SimulatedAgent.ours(edge.channel());
      second.register(worker.token());

      assertThat(agent.logs().ask(agent.lines("late")).getSuccess())
          .as("before the second session has written anything")
          .isFalse();
    }

    @Test
    void aLostAnswerMayBeAskedForAgainAndFencesTheFirstSession() throws Exception {
      agent.register(worker.token());
      SimulatedAgent again = SimulatedAgent.ours(edge.channel());
      again.register(worker.token());

      assertThat(agent.heartbeats().ask(agent.beat()).getReply()).isFalse();
      assertThat(again.heartbeats().ask(again.beat()).getReply()).isTrue();
    }

    @Test
    void onceTheSessionHasBeatTheTokenIsSpent() throws Exception {
      agent.register(worker.token());
      agent.heartbeats().ask(agent.beat());

      assertStatus(() -> agent.register(worker.token()), Status.Code.FAILED_PRECONDITION)
          .hasMessageContaining("TOKEN_SPENT");
    }

    @Test
    void anEndedBuildIsRefusedWithItsReason() {
      edge.orchestrator.cancel.run(worker.build(), "alice", "");

      assertStatus(() -> agent.register(worker.token()), Status.Code.FAILED_PRECONDITION)
          .hasMessageContaining("ENDED")
          .hasMessageContaining("CANCELLED");
    }

    @Test
    void anAgentThatLacksACapabilityIsToldWhichAndTheBuildEnds() {
      EdgeFixture.Launched demanding = edge.launched(Map.of("A", "1"));

      assertStatus(() -> agent.register(demanding.token()), Status.Code.FAILED_PRECONDITION)
          .hasMessageContaining("AGENT_LACKS_CAPABILITY")
          .hasMessageContaining("build_args");
      assertThat(edge.orchestrator.phase(demanding.build())).isEqualTo(Phase.ERROR);
    }

    @Test
    void anAgentThatHasItGetsTheWork() {
      EdgeFixture.Launched demanding = edge.launched(Map.of("A", "1"));
      BuildPack pack =
          SimulatedAgent.ours(edge.channel(), "build_args").register(demanding.token());

      assertThat(pack.getBuildArgsMap()).containsEntry("A", "1");
    }

    @Test
    void aBuildWhoseSecretsNoLongerOpenEndsAtOnceAndSaysWhatToDo() {
      EdgeFixture.Launched lost = edge.launchedUnderALostKey();

      assertStatus(() -> agent.register(lost.token()), Status.Code.FAILED_PRECONDITION)
          .hasMessageContaining("SECRETS_GONE")
          .hasMessageContaining("SECRET_KEYS");
      var standing = edge.orchestrator.record(lost.build()).standing();
      assertThat(standing.phase()).isEqualTo(Phase.ERROR);
      assertThat(standing.reason()).isEqualTo("SECRETS_GONE");
    }

    @Test
    void aForgedForeignOrMalformedTokenIsNobodys() {
      String token = worker.token();
      int middle = token.indexOf('.') + 10;
      char other = token.charAt(middle) == 'A' ? 'B' : 'A';
      String forged = token.substring(0, middle) + other + token.substring(middle + 1);

      for (String bad : List.of("", "REG-JWT", forged)) {
        assertStatus(() -> agent.register(bad), Status.Code.UNAUTHENTICATED);
      }
      String jobToken = agent.register(token).getJobJwt();
      assertStatus(() -> agent.register(jobToken), Status.Code.UNAUTHENTICATED);
    }

    @Test
    void aMessageThatIsTooLargeIsRefused() {
      SimulatedAgent large =
          SimulatedAgent.ours(edge.channel(), "x".repeat(AgentLimits.REGISTER_BYTES));

      assertStatus(() -> large.register(worker.token()), Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void tooManyCallsForOneBuildAreRefused() {
      assertStatus(
          () -> {
            for (int i = 0; i < 200; i++) {
              agent.register(worker.token());
            }
          },
          Status.Code.RESOURCE_EXHAUSTED);
    }
  }

  @Nested
  class Heartbeat {
    @Test
    void allWell() throws Exception {
      agent.register(worker.token());
      var beats = agent.heartbeats();

      for (int i = 0; i < 5; i++) {
        assertThat(beats.ask(agent.beat()).getReply()).isTrue();
      }
    }

    @Test
    void whatTheAgentUsesIsNoted() throws Exception {
      agent.register(worker.token());
      var usage = ResourceUsage.newBuilder().setCpuMillis(250).setMemoryBytes(-1).setDiskBytes(7);
      agent.heartbeats().ask(agent.beat().toBuilder().setUsage(usage).build());

      assertThat(edge.orchestrator.jobOf(worker.build()).agent().orElseThrow().usage())
          .isEqualTo(new Usage(250, 0, 7));
    }

    @Test
    void aSessionThatIsOverIsToldAtEveryBeatAndTheStreamStaysOpen() throws Exception {
      agent.register(worker.token());
      var beats = agent.heartbeats();
      beats.ask(agent.beat());
      edge.orchestrator.cancel.run(worker.build(), "alice", "");

      for (int i = 0; i < 10; i++) {
        HeartbeatResponse answer = beats.ask(agent.beat());
        assertThat(answer.getReply()).isFalse();
        assertThat(answer.getCancelled()).isTrue();
      }
      assertThat(beats.isOpen()).isTrue();
    }

    @Test
    void aCancelReachesAnOpenStreamWithoutABeat() throws Exception {
      agent.register(worker.token());
      var beats = agent.heartbeats();
      beats.ask(agent.beat());

      edge.orchestrator.cancel.run(worker.build(), "alice", "");

      HeartbeatResponse pushed = beats.next();
      assertThat(pushed.getReply()).isFalse();
      assertThat(pushed.getCancelled()).isTrue();
      assertThat(beats.isOpen()).isTrue();
    }

    @Test
    void aHintAboutALiveSessionTellsNothing() throws Exception {
      agent.register(worker.token());
      var beats = agent.heartbeats();
      beats.ask(agent.beat());

      agent.enter(UNPACKING);

      assertThat(beats.ask(agent.beat()).getReply()).isTrue();
      assertThat(beats.isQuiet()).isTrue();
    }

    @Test
    void aForgedTokenEndsTheStream() throws Exception {
      var beats = agent.withJobToken("JOB-JWT-1").heartbeats();
      beats.send(agent.beat());
      assertThat(beats.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);

      var registration = agent.withJobToken(worker.token()).heartbeats();
      registration.send(agent.beat());
      assertThat(registration.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    @Test
    void tooManyBeatsEndTheStream() throws Exception {
      agent.register(worker.token());
      var beats = agent.heartbeats();
      for (int i = 0; i < 100; i++) {
        beats.send(agent.beat());
      }

      assertThat(beats.end().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void whoEndsItsSideIsAnsweredAndCountedNoMore() throws Exception {
      agent.register(worker.token());
      var beats = agent.heartbeats();
      beats.ask(agent.beat());
      assertThat(edge.metrics.scrape()).contains("buildman_agents_connected 1.0");

      beats.complete();

      assertThat(beats.end().isOk()).isTrue();
      await()
          .untilAsserted(
              () -> assertThat(edge.metrics.scrape()).contains("buildman_agents_connected 0.0"));
    }
  }

  @Nested
  class SetPhase {
    @BeforeEach
    void register() {
      agent.register(worker.token());
    }

    @Test
    void allWell() {
      SetPhaseResponse answer = agent.set(agent.phase(7, UNPACKING).build());

      assertThat(answer.getSuccess()).isTrue();
      assertThat(answer.getSequenceNumber()).isEqualTo(7);
      assertThat(edge.orchestrator.phase(worker.build())).isEqualTo(Phase.UNPACKING);
    }

    @Test
    void thePresentPhaseAgainSucceedsAndBackwardsDoesNot() {
      agent.enter(UNPACKING, PULLING, PULLING, BUILDING);

      SetPhaseResponse backwards = agent.set(agent.phase(9, PULLING).build());
      assertThat(backwards.getSuccess()).isFalse();
      assertThat(backwards.getSequenceNumber()).isEqualTo(9);
      assertThat(backwards.getRefusal()).isEqualTo("BACKWARDS");
      assertThat(edge.orchestrator.phase(worker.build())).isEqualTo(Phase.BUILDING);
    }

    @Test
    void aReplayedSequenceGetsItsFirstAnswer() {
      agent.enter(UNPACKING, PULLING, BUILDING);

      assertThat(agent.set(agent.phase(1, UNPACKING).build()).getSuccess()).isTrue();
      assertThat(edge.orchestrator.phase(worker.build())).isEqualTo(Phase.BUILDING);
    }

    @Test
    void emptyMetadataErasesNothing() {
      agent.enter(UNPACKING);
      agent.set(
          agent
              .phase(2, PULLING)
              .setPullMetadata(
                  SetPhaseRequest.PullMetadata.newBuilder()
                      .setRegistryUrl("r.example")
                      .setBaseImage("r.example/base")
                      .setBaseImageTag("1"))
              .build());
      agent.set(agent.phase(3, PULLING).build());

      assertThat(
              edge.orchestrator
                  .redis()
                  .raw()
                  .hget(edge.orchestrator.keys().build(worker.build()), "pull"))
          .contains("r.example/base");
    }

    @Test
    void completeNeedsPushing() {
      agent.enter(UNPACKING, PULLING, BUILDING);
      assertThat(agent.enter(COMPLETE).getRefusal()).isEqualTo("NOT_PUSHING");

      agent.enter(PUSHING);
      String digest = "sha256:" + "a".repeat(64);
      SetPhaseRequest complete =
          agent
              .phase(20, COMPLETE)
              .setResult(
                  BuildResult.newBuilder()
                      .addDigests(digest)
                      .setSizeBytes(12)
                      .setPeak(ResourceUsage.newBuilder().setMemoryBytes(64 << 20)))
              .build();
      assertThat(agent.set(complete).getSuccess()).isTrue();
      assertThat(agent.set(complete).getSuccess()).as("its replay").isTrue();
      var result = edge.orchestrator.record(worker.build()).course().result().orElseThrow();
      assertThat(result.digests()).containsExactly(digest);
      assertThat(result.peak()).isEqualTo(new Usage(0, 64 << 20, 0));
      assertThat(edge.metrics.scrape()).contains("buildman_build_peak_memory_bytes_count 1");
    }

    @Test
    void aFailureOfTheUsersEndsTheBuildWithItsWords() {
      agent.enter(UNPACKING, PULLING, BUILDING);
      SetPhaseRequest failed =
          agent
              .phase(10, ERROR)
              .setFailure(
                  Failure.newBuilder()
                      .setCode("io.quay.builder.builderror")
                      .setStep("Dockerfile:3 RUN false")
                      .setExitCode(1))
              .build();

      assertThat(agent.set(failed).getSuccess()).isTrue();
      var standing = edge.orchestrator.record(worker.build()).standing();
      assertThat(standing.phase()).isEqualTo(Phase.ERROR);
      assertThat(standing.reason()).isEqualTo("BUILD_FAILED");
      assertThat(standing.sentence()).contains("Dockerfile:3 RUN false");
      await()
          .untilAsserted(
              () ->
                  assertThat(edge.log(worker.build()))
                      .extracting(LogEntry::type)
                      .endsWith(LogEntry.Type.ERROR, LogEntry.Type.PHASE));
    }

    @Test
    void aFailureOfThePlatformIsRepeated() {
      agent.enter(UNPACKING);
      SetPhaseRequest failed =
          agent
              .phase(10, ERROR)
              .setFailure(Failure.newBuilder().setCode("io.quay.builder.buildpackissue"))
              .build();

      assertThat(agent.set(failed).getSuccess()).isTrue();
      var standing = edge.orchestrator.record(worker.build()).standing();
      assertThat(standing.phase()).isEqualTo(Phase.WAITING);
      assertThat(edge.orchestrator.record(worker.build()).course().counts().tries()).isEqualTo(2);
    }

    @Test
    void aSessionThatIsOverIsRefusedWithTheReason() {
      agent.enter(UNPACKING);
      edge.orchestrator.cancel.run(worker.build(), "alice", "");

      SetPhaseResponse answer = agent.set(agent.phase(2, PULLING).build());
      assertThat(answer.getSuccess()).isFalse();
      assertThat(answer.getSequenceNumber()).isEqualTo(2);
      assertThat(answer.getRefusal()).isEqualTo("FENCED");
    }

    @Test
    void whatIsNoPhaseOfAnAgentsIsRefused() {
      assertThat(
              agent
                  .set(agent.phase(1, dev.buildman.proto.agent.Phase.WAITING).build())
                  .getRefusal())
          .isEqualTo("UNKNOWN_PHASE");
    }

    @Test
    void aForgedTokenIsNobodys() {
      agent.withJobToken("JOB-JWT-1");
      assertStatus(() -> agent.enter(UNPACKING), Status.Code.UNAUTHENTICATED);
    }

    @Test
    void whatIsTooLargeOrTooOftenIsRefused() {
      SetPhaseRequest large =
          agent
              .phase(1, ERROR)
              .setFailure(Failure.newBuilder().setMessage("x".repeat(AgentLimits.PHASE_BYTES)))
              .build();
      assertStatus(() -> agent.set(large), Status.Code.RESOURCE_EXHAUSTED);
      assertStatus(
          () -> {
            for (int i = 0; i < 200; i++) {
              agent.set(agent.phase(1, UNPACKING).build());
            }
          },
          Status.Code.RESOURCE_EXHAUSTED);
    }

    @Test
    void phasesStandInTheLogAsQuaysViewerReadsThem() {
      agent.enter(UNPACKING, PULLING);

      await()
          .untilAsserted(
              () ->
                  assertThat(edge.log(worker.build()))
                      .filteredOn(entry -> entry.type() == LogEntry.Type.PHASE)
                      .extracting(LogEntry::message)
                      .containsExactly("unpacking", "pulling"));
    }
  }

  @Nested
  class LogMessage {
    @Test
    void linesAreStoredInOrderAndAcknowledged() throws Exception {
      agent.register(worker.token());
      var logs = agent.logs();

      assertThat(logs.ask(agent.lines("one\n"))).isEqualTo(stored(1));
      assertThat(logs.ask(agent.lines("two\n", "three\n"))).isEqualTo(stored(3));
      assertThat(edge.output(worker.build())).containsExactly("one\n", "two\n", "three\n");
    }

    @Test
    void aStreamMayOpenBeforeAnyTokenExistsAndStaySilent() throws Exception {
      var logs = agent.logs();
      agent.register(worker.token());
      agent.enter(UNPACKING);

      assertThat(logs.isOpen()).isTrue();
      assertThat(logs.ask(agent.lines("late\n"))).isEqualTo(stored(1));
    }

    @Test
    void aReplayIsAcknowledgedWithTheStoredSequenceAndStoredOnce() throws Exception {
      agent.register(worker.token());
      var logs = agent.logs();
      logs.ask(agent.lines(3, "a\n", "b\n", "c\n"));

      assertThat(logs.ask(agent.lines(2, "a\n", "b\n"))).isEqualTo(stored(3));
      assertThat(logs.ask(agent.lines(4, "c\n", "d\n"))).isEqualTo(stored(4));
      assertThat(edge.output(worker.build())).containsExactly("a\n", "b\n", "c\n", "d\n");
    }

    @Test
    void manyMessagesAtOnceKeepTheirOrder() throws Exception {
      agent.register(worker.token());
      var logs = agent.logs();
      for (int i = 1; i <= 300; i++) {
        logs.send(agent.lines(i, "line " + i));
      }

      List<LogMessageResponse> answers = logs.next(300);
      assertThat(answers.getLast()).isEqualTo(stored(300));
      assertThat(answers).allMatch(LogMessageResponse::getSuccess);
      assertThat(edge.output(worker.build()))
          .hasSize(300)
          .startsWith("line 1")
          .endsWith("line 300");
    }

    @Test
    void aSessionThatIsOverIsRefusedWithTheLinesNumberAndTheStreamStaysOpen() throws Exception {
      agent.register(worker.token());
      var logs = agent.logs();
      SimulatedAgent.ours(edge.channel()).register(worker.token());

      LogMessageResponse answer = logs.ask(agent.lines(5, "x"));
      assertThat(answer.getSuccess()).isFalse();
      assertThat(answer.getSequenceNumber()).isEqualTo(5);
      assertThat(logs.isOpen()).isTrue();
    }

    @Test
    void aForgedTokenEndsTheStream() throws Exception {
      var logs = agent.withJobToken("JOB-JWT-1").logs();
      logs.send(agent.lines("x"));

      assertThat(logs.end().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    }

    @Test
    void aLineThatIsTooLongIsDividedAndTheStreamGoesOn() throws Exception {
      agent.register(worker.token());
      var logs = agent.logs();
      String text = "x".repeat(5 << 20) + "\n";

      assertThat(logs.ask(agent.lines(text))).isEqualTo(stored(1));
      assertThat(logs.ask(agent.lines("after\n")))
          .as("one number for all parts")
          .isEqualTo(stored(2));
      List<String> output = edge.output(worker.build());
      assertThat(output).allMatch(part -> part.length() <= 16 << 10);
      assertThat(output.getLast()).isEqualTo("after\n");
      assertThat(String.join("", output)).isEqualTo(text + "after\n");
    }

    @Test
    void linesKeepTheLease() throws Exception {
      agent.register(worker.token());
      edge.orchestrator.advance(Duration.ofSeconds(30));
      agent.logs().ask(agent.lines("alive"));

      await()
          .untilAsserted(
              () ->
                  assertThat(edge.orchestrator.jobOf(worker.build()).times().deadline())
                      .isAfterOrEqualTo(edge.orchestrator.now().plusSeconds(60)));
    }

    @Test
    void theAgentsEndIsAnsweredAfterItsLastLine() throws Exception {
      agent.register(worker.token());
      var logs = agent.logs();
      logs.send(agent.lines("last"));
      logs.complete();

      assertThat(logs.next()).isEqualTo(stored(1));
      assertThat(logs.end().isOk()).isTrue();
    }

    @Test
    void onlyItsEndAndNoBreakOfItSaysThatAllLinesAreThere() throws Exception {
      agent.register(worker.token());
      var broken = agent.logs();
      broken.ask(agent.lines("first"));
      broken.cancel();
      await()
          .during(Duration.ofMillis(200))
          .untilAsserted(() -> assertThat(logState()).isEqualTo(LogPage.State.OPEN));

      var whole = agent.logs();
      whole.ask(agent.lines("second"));
      whole.complete();
      await().untilAsserted(() -> assertThat(logState()).isEqualTo(LogPage.State.FINISHED));
    }

    private LogPage.State logState() {
      return edge.logs.read(worker.build(), 0, 1).state();
    }

    private static LogMessageResponse stored(int sequence) {
      return LogMessageResponse.newBuilder().setSuccess(true).setSequenceNumber(sequence).build();
    }
  }

  @Test
  void pingSaysWhoAnswers() {
    PingReply reply = agent.calls().ping(PingRequest.getDefaultInstance());

    assertThat(reply.getReply()).isEqualTo("pong");
    assertThat(reply.getServer()).isEqualTo("buildman/test");
  }

  private static AbstractThrowableAssert<?, ?> assertStatus(
      ThrowingCallable call, Status.Code code) {
    return assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class, e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
  }
}
