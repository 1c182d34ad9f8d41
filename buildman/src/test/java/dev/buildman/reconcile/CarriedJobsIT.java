package dev.buildman.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.model.WorkerExit;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Agents of Quay's that are silent. */
@RedisTest
class CarriedJobsIT extends ReconcileFixture {
  @Test
  void aCarriedWorkerLivesOnWhileItRunsAndEndsByItsExit() {
    BuildId build = redis.enqueued("ns/repo");
    sayPresent();
    SessionRef session = quayIn(Phase.BUILDING);
    CarriedJobs carried = new CarriedJobs(redis.scripts, executors, ticker, metrics);
    redis.advance(Duration.ofSeconds(61));
    sweep.runOnce();

    carried.runOnce();
    assertThat(redis.jobOf(build).agent().orElseThrow().carried()).isPresent();

    executor.end(name(TestOrchestrator.job(session)), exit(WorkerExit.withStatus(2)));
    sayPresent();
    carried.runOnce();
    assertThat(redis.phase(build)).isEqualTo(Phase.ERROR);
    assertThat(reason(build)).isEqualTo("DOCKERFILE_INVALID");
  }

  @Test
  void aCarriedWorkerThatNobodySeesForFiveMinutesIsLostWithItsNode() {
    BuildId build = redis.enqueued("ns/repo");
    quayIn(Phase.BUILDING);
    CarriedJobs carried = new CarriedJobs(redis.scripts, executors, ticker, metrics);
    redis.advance(Duration.ofSeconds(61));
    sweep.runOnce();
    executor.goBlind(true);

    carried.runOnce();
    nanos.addAndGet(Duration.ofSeconds(299).toNanos());
    carried.runOnce();
    assertThat(redis.jobs.get(build)).isPresent();
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    carried.runOnce();

    assertThat(reason(build)).isEqualTo("NODE_LOST");
    assertThat(redis.record(build).course().counts().tries()).isEqualTo(3);
  }
}
