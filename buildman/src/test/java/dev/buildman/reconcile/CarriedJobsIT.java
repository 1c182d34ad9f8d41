package dev.buildman.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.model.WorkerExit;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import java.util.Optional;
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

  @Test
  void fiveMinutesAreCountedAnewOnceItWasSeenAgain() {
    BuildId build = redis.enqueued("ns/repo");
    quayIn(Phase.BUILDING);
    CarriedJobs carried = new CarriedJobs(redis.scripts, executors, ticker, metrics);
    redis.advance(Duration.ofSeconds(61));
    sweep.runOnce();

    for (int times = 0; times < 3; times++) {
      executor.goBlind(true);
      carried.runOnce();
      nanos.addAndGet(Duration.ofSeconds(200).toNanos());
      carried.runOnce();
      executor.goBlind(false);
      carried.runOnce();
    }

    assertThat(redis.jobs.get(build)).isPresent();
  }

  /** Its host's own manager sees it; once that is gone, nobody does. */
  @Test
  void aCarriedWorkerOfAnotherHostIsNotJudgedWhileThatHostHasAManager() {
    HostId elsewhere = new HostId("elsewhere");
    BuildId build = redis.enqueued("ns/repo");
    quayIn(Phase.BUILDING, launched(Optional.of(elsewhere)));
    redis.advance(Duration.ofSeconds(61));
    sayPresent(new ManagerId("manager-2"), elsewhere, false);
    sweep.runOnce();
    CarriedJobs carried = new CarriedJobs(redis.scripts, executors, ticker, metrics);

    carried.runOnce();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    carried.runOnce();
    assertThat(redis.jobs.get(build)).isPresent();

    redis.redis().raw().del(redis.keys().manager(new ManagerId("manager-2")));
    carried.runOnce();
    nanos.addAndGet(Duration.ofMinutes(6).toNanos());
    carried.runOnce();
    assertThat(reason(build)).isEqualTo("NODE_LOST");
  }
}
