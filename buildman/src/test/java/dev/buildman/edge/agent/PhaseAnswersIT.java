package dev.buildman.edge.agent;

import static dev.buildman.proto.agent.Phase.BUILDING;
import static dev.buildman.proto.agent.Phase.COMPLETE;
import static dev.buildman.proto.agent.Phase.ERROR;
import static dev.buildman.proto.agent.Phase.PULLING;
import static dev.buildman.proto.agent.Phase.PUSHING;
import static dev.buildman.proto.agent.Phase.UNPACKING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.model.Phase;
import dev.buildman.model.Usage;
import dev.buildman.proto.agent.BuildResult;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.ResourceUsage;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.proto.agent.SetPhaseResponse;
import dev.buildman.testing.redis.RedisTest;
import io.grpc.Status;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What SetPhase is answered, case by case, while Redis is there. */
@RedisTest
class PhaseAnswersIT extends AnswersFixture {
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
            agent.set(agent.phase(1, dev.buildman.proto.agent.Phase.WAITING).build()).getRefusal())
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
