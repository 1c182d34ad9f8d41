package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Exit;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.model.BuildId;
import dev.buildman.model.JobRef;
import dev.buildman.model.Nonce;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.SessionRef;
import dev.buildman.model.WorkerExit;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What executors tell of their workers. */
@RedisTest
class ExitWatchIT extends ReconcileFixture {
  @Test
  void anExitEndsTheAttemptAtOnceWithItsStatusAndItsLastLines() {
    BuildId build = redis.enqueued("ns/repo");
    JobRef job = launched();
    exits.watch(executor);

    executor.end(name(job), exit(WorkerExit.withStatus(3), "first words", "last words"));

    await().untilAsserted(() -> assertThat(redis.jobs.get(build)).isEmpty());
    assertThat(reason(build)).isEqualTo("WORKER_EXITED");
    assertThat(redis.record(build).standing().sentence())
        .contains("exit status 3", "first words", "last words");
    assertThat(redis.record(build).course().counts().tries()).isEqualTo(2);
    // D8: seen gone, so its slot is free at once.
    assertThat(redis.status.read().slots()).isZero();
  }

  @Test
  void anExitWhoseProcessesGoOnKeepsItsSlot() {
    BuildId build = redis.enqueued("ns/repo");
    JobRef job = launched();
    exits.watch(executor);

    executor.tell(new WorkerEvent.Exited(worker(job, OURS), exit(WorkerExit.bySignal(9))));

    await().untilAsserted(() -> assertThat(redis.jobs.get(build)).isEmpty());
    assertThat(redis.status.read().slots()).isEqualTo(1);
    assertThat(redis.duties.open(10)).hasSize(1);
  }

  @Test
  void theExitOfAnEarlierAttemptsWorkerChangesNothing() {
    BuildId build = redis.enqueued("ns/repo");
    JobRef job = launched();
    Nonce other = redis.nonce();
    SeenWorker stranger = worker(new JobRef(job.attempt(), other), OURS);

    exits.take(executor, new WorkerEvent.Exited(stranger, Exit.unknown()));

    assertThat(redis.jobOf(build).step()).isEqualTo(JobRecord.Step.LAUNCHED);
  }

  @Test
  void quaysWorkerThatFailsWhileBuildingEndsTheBuild() {
    BuildId build = redis.enqueued("ns/repo");
    sayPresent();
    SessionRef session = quayIn(Phase.BUILDING);
    ExecutionName name = name(TestOrchestrator.job(session));
    exits.watch(executor);

    executor.end(name, exit(WorkerExit.withStatus(1), "RUN failed"));

    await().untilAsserted(() -> assertThat(redis.phase(build)).isEqualTo(Phase.ERROR));
    assertThat(reason(build)).isEqualTo("BUILD_FAILED");
  }

  @Test
  void quaysWorkerThatEndsWhileItsManagerWasAwayCostsNothing() {
    BuildId build = redis.enqueued("ns/repo");
    SessionRef session = quayIn(Phase.BUILDING);
    exits.watch(executor);

    // Nobody of the name that has its streams is present.
    executor.end(
        name(TestOrchestrator.job(session)), exit(WorkerExit.withStatus(1), "connection refused"));

    await().untilAsserted(() -> assertThat(reason(build)).isEqualTo("MANAGER_WAS_AWAY"));
    assertThat(redis.record(build).course().counts().tries()).isEqualTo(3);
    assertThat(redis.record(build).course().counts().interruptions()).isEqualTo(1);
  }

  @Test
  void aNoticeIsNoEnd() {
    BuildId build = redis.enqueued("ns/repo");
    JobRef job = launched();

    exits.take(
        executor,
        new WorkerEvent.Notice(worker(job, OURS), Reason.SPOT_INTERRUPTED, "two minutes left"));

    assertThat(reason(build)).isEqualTo("SPOT_INTERRUPTED");
    assertThat(redis.record(build).course().counts().tries()).isEqualTo(3);
    assertThat(redis.status.read().slots()).isEqualTo(1);
  }

  @Test
  void aWorkerThatWillNeverRunCostsATryWithTheExecutorsReason() {
    BuildId build = redis.enqueued("ns/repo");
    JobRef job = launched();

    exits.take(
        executor,
        new WorkerEvent.Stuck(worker(job, OURS), Reason.IMAGE_PULL_FAILED, "no such image"));

    assertThat(reason(build)).isEqualTo("IMAGE_PULL_FAILED");
    assertThat(redis.record(build).course().counts().tries()).isEqualTo(2);
  }

  @Test
  void aRemarkIsWrittenOnce() {
    BuildId build = redis.enqueued("ns/repo");
    JobRef job = launched();
    WorkerEvent remark =
        new WorkerEvent.Remark(worker(job, OURS), Reason.CAPACITY_WAIT, "no node has room");

    exits.take(executor, remark);
    exits.take(executor, remark);

    assertThat(redis.reasons(build)).containsOnlyOnce("CAPACITY_WAIT");
    assertThat(redis.jobOf(build).step()).isEqualTo(JobRecord.Step.LAUNCHED);
  }

  @Test
  void quaysWorkerThatEndsWhileItsManagerDrainsCostsNothing() {
    BuildId build = redis.enqueued("ns/repo");
    SessionRef session = quayIn(Phase.BUILDING);
    sayPresent(TestOrchestrator.MANAGER, TestOrchestrator.HOST, true);

    executor.lose(name(TestOrchestrator.job(session)));
    exits.take(executor, exited(session, 1));

    assertThat(reason(build)).isEqualTo("MANAGER_WAS_AWAY");
  }

  @Test
  void quaysWorkerThatEndsAfterAnOutageSinceItsLastWordCostsNothing() {
    BuildId build = redis.enqueued("ns/repo");
    SessionRef session = quayIn(Phase.BUILDING);
    redis.jump(Duration.ofSeconds(30));
    redis.tick.run(TestOrchestrator.MANAGER);
    sayPresent();

    executor.lose(name(TestOrchestrator.job(session)));
    exits.take(executor, exited(session, 1));

    assertThat(reason(build)).isEqualTo("MANAGER_WAS_AWAY");
  }

  /** What an exit means depends on the phase, which may change while it is being judged. */
  @Test
  void anExitThatWasJudgedByAPhaseThatHasPassedIsJudgedAgain() {
    BuildId build = redis.enqueued("ns/repo");
    sayPresent();
    SessionRef session = quayIn(Phase.PULLING);
    JobRecord before = redis.jobOf(build);
    sure(redis.to(session, 2, Phase.BUILDING));

    new WorkerEnds(redis.scripts, metrics).ended(before, exit(WorkerExit.withStatus(1)), true);

    assertThat(redis.phase(build)).isEqualTo(Phase.ERROR);
    assertThat(reason(build)).isEqualTo("BUILD_FAILED");
  }

  private WorkerEvent exited(SessionRef session, int status) {
    return new WorkerEvent.Exited(
        worker(TestOrchestrator.job(session), OURS), exit(WorkerExit.withStatus(status)));
  }
}
