package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.AgentKind;
import dev.buildman.model.Ending;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.WorkerExit;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.quay.Recording;
import dev.buildman.testing.quay.Replay;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Everything that Quay's worker was ever recorded to say, said to this manager, each ending with
 * the phase, the reason and the cost of the outcome table.
 */
@RedisTest
class RecordedConversationsIT {
  private static final int TRIES = 3;

  private EdgeFixture edge;
  private EdgeFixture.Launched worker;

  @BeforeEach
  void start(TestRedis redis) {
    edge = new EdgeFixture(redis);
    worker = edge.launched();
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  @ParameterizedTest
  @CsvSource({
    "cached-docker, complete",
    "cached-podman, complete",
    "heartbeat-refused-twice, complete",
    "heartbeat-stream-broken, complete",
    "heartbeat-stream-ended, complete",
    "log-odd-bytes-docker, complete",
    "log-refused, complete",
    "log-stream-broken, complete",
    "manager-goaway, complete",
    "manager-restarted, complete",
    "multistage-docker, complete",
    "no-tags-podman, complete",
    "phase-refused-uncounted, complete",
    "plain-dockerfile-podman, complete",
    "scratch-podman, complete",
    "several-tags-podman, complete",
    "slow-podman, complete",
    "success-docker, complete",
    "success-podman, complete",
    // Its only word: status 1 while it builds is the build's own fault, 2 is its parser's panic.
    "run-fails-docker, BUILD_FAILED final",
    "run-fails-podman, BUILD_FAILED final",
    "heartbeat-refused, BUILD_FAILED final",
    "phase-refused, BUILD_FAILED final",
    "dockerfile-panic, DOCKERFILE_INVALID final",
    "dockerfile-unknown-instruction, DOCKERFILE_INVALID final",
    // In any other phase it may be anybody's, and costs a try.
    "base-missing-podman, WORKER_EXITED try",
    "engine-down-podman, WORKER_EXITED try",
    "package-404, WORKER_EXITED try",
    "push-denied-docker, WORKER_EXITED try",
    "push-denied-podman, WORKER_EXITED try",
    "register-refused, WORKER_EXITED try",
    "register-without-package, WORKER_EXITED try",
    "runtime-unknown, WORKER_EXITED try",
    "worker-sigterm, WORKER_EXITED try",
    // It went because its manager was away, which costs nothing.
    "manager-killed, MANAGER_WAS_AWAY free",
  })
  void endsAsTheOutcomeTableSays(String name, String outcome) throws Exception {
    int exit = Replay.run(Recording.of(name), edge.channel(), worker.token());
    boolean away = outcome.startsWith(Reason.MANAGER_WAS_AWAY.name());

    if (exit != 0) {
      end(exit, away);
    }

    BuildRecord record = edge.orchestrator.record(worker.build());
    assertThat(outcome(record)).isEqualTo(outcome);
    assertThat(edge.orchestrator.jobs.get(worker.build())).isEmpty();
    if (exit == 0) {
      assertThat(record.course().agent()).contains(AgentKind.QUAY);
    }
  }

  /** As the executor's watch reports it. */
  private void end(int exit, boolean managerAway) {
    JobRecord job = edge.orchestrator.jobs.get(worker.build()).orElseThrow();
    WorkerExit seen = exit < 0 ? WorkerExit.bySignal(-exit) : WorkerExit.withStatus(exit);
    AgentKind kind = job.agent().map(JobRecord.AgentState::kind).orElse(AgentKind.QUAY);
    Ending ending = seen.ending(kind, job.agent().isPresent(), job.phase(), managerAway);
    edge.orchestrator.finishExit.run(
        job.ref(), TestOrchestrator.EXECUTOR, EndNote.of(ending), Optional.of(job.phase()), true);
  }

  private static String outcome(BuildRecord record) {
    Phase phase = record.standing().phase();
    if (phase == Phase.COMPLETE) {
      return "complete";
    }
    String cost =
        phase == Phase.ERROR
            ? "final"
            : record.course().counts().tries() == TRIES - 1
                ? "try"
                : record.course().counts().interruptions() == 1 ? "free" : "nothing";
    return record.standing().reason() + " " + cost;
  }

  @Test
  void everyRecordingIsReplayed() throws Exception {
    String[] rows =
        RecordedConversationsIT.class
            .getDeclaredMethod("endsAsTheOutcomeTableSays", String.class, String.class)
            .getAnnotation(CsvSource.class)
            .value();

    assertThat(List.of(rows))
        .map(row -> row.substring(0, row.indexOf(',')))
        .containsAll(Recording.names());
  }
}
