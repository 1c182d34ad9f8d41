package dev.buildman.orchestrator;

import static dev.buildman.testing.orchestrator.TestOrchestrator.MANAGER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Ending;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class WayOfABuildIT {
  private TestOrchestrator all;

  @BeforeEach
  void setUp(TestRedis redis) {
    all = new TestOrchestrator(redis);
  }

  @Test
  void aBuildGoesFromEnqueueToCompleteAndLeavesNothingBehind() {
    BuildId id = all.enqueued("alice/app");
    assertThat(all.phase(id)).isEqualTo(Phase.WAITING);
    SessionRef session = all.registered();
    assertThat(session.build()).isEqualTo(id);
    int sequence = 0;
    for (Phase phase : List.of(Phase.UNPACKING, Phase.PULLING, Phase.BUILDING, Phase.PUSHING)) {
      assertThat(all.heartbeat.run(session, MANAGER).held()).isPresent();
      assertThat(all.to(session, ++sequence, phase).held()).contains(phase);
      assertThat(all.phase(id)).isEqualTo(phase);
    }
    BuildResult result =
        new BuildResult("sha256:1", List.of("sha256:2"), 42, "busybox@sha256:3", Usage.UNKNOWN);
    Result<Ended> end =
        all.finishPhase.run(
            new SetPhase.Step(session, ++sequence, MANAGER), EndNote.of(Ending.COMPLETED), result);
    assertThat(end).isInstanceOf(Result.Applied.class);
    assertThat(all.phase(id)).isEqualTo(Phase.COMPLETE);
    assertThat(all.record(id).course().result()).contains(result);
    assertThat(all.reasons(id))
        .containsExactly(
            "COMPLETED",
            "PHASE_CHANGED",
            "PHASE_CHANGED",
            "PHASE_CHANGED",
            "PHASE_CHANGED",
            "REGISTERED",
            "LAUNCHED",
            "ATTEMPT_STARTED",
            "ENQUEUED");

    List<Duty> duties = all.takeDuties.run(TestOrchestrator.HOST, 10).held().orElseThrow();
    assertThat(duties).hasSize(1);
    assertThat(duties.getFirst().worker().executionId()).contains("id-1");
    assertThat(all.status.read().slots()).isOne();
    assertThat(all.dutyConfirmed.run(duties.getFirst().attempt()).held()).isPresent();
    assertThat(all.status.read().slots()).isZero();
    assertThat(all.status.read().duties().open()).isZero();
    assertThat(all.jobs.live()).isEmpty();
  }
}
