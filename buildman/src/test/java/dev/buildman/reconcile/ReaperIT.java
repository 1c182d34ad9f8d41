package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.SeenWorker;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.JobRef;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Inventories and jobs, compared both ways. */
@RedisTest
class ReaperIT extends ReconcileFixture {
  @Test
  void theReaperStopsAWorkerThatNobodyAnswersForAtTheSecondSight() {
    // A manager that was stopped between its intent and its launch, for very long.
    JobRef forgotten = new JobRef(new AttemptId(BuildId.random(), 1), redis.nonce());
    executor.put(worker(forgotten, OURS));
    Reaper reaper = reaper();

    reaper.runOnce();
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    reaper.runOnce();
    assertThat(executor.running()).hasSize(1);
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    reaper.runOnce();

    assertThat(executor.running()).isEmpty();
  }

  @Test
  void theReaperLeavesLiveWorkersAndOwedOnesAndForeignOnesAlone() {
    redis.enqueued("ns/one");
    JobRef live = launched();
    redis.enqueued("ns/two");
    JobRef owed = launched();
    sure(redis.cancel.run(owed.build(), "somebody", ""));
    JobRef unknown = new JobRef(new AttemptId(BuildId.random(), 1), redis.nonce());
    executor.put(worker(unknown, new Installation(OURS.id(), "another-state")));
    Reaper reaper = reaper();

    sightTwice(reaper);

    assertThat(executor.stopped()).isEmpty();
    assertThat(executor.running()).hasSize(3);
    assertThat(redis.jobs.get(live.build())).isPresent();
  }

  @Test
  void theReaperTellsTwoWorkersOfOneAttemptApartByTheirClaim() {
    // D17: a failover that lost writes gave the attempt's number out again.
    redis.enqueued("ns/one");
    JobRef live = launched();
    JobRef lost = new JobRef(live.attempt(), redis.nonce());
    executor.put(worker(lost, OURS));

    sightTwice(reaper());

    assertThat(executor.running()).extracting(SeenWorker::name).containsExactly(name(live));
  }

  @Test
  void aMissingWorkerEndsItsAttemptUnlessItsAgentIsHeard() {
    BuildId silent = redis.enqueued("ns/one");
    JobRef silentJob = launched();
    BuildId heard = redis.enqueued("ns/two");
    redis.registered(launched());
    executor.lose(name(silentJob));
    executor.lose(name(redis.jobOf(heard).ref()));

    sightTwice(reaper());

    assertThat(redis.jobs.get(silent)).isEmpty();
    assertThat(reason(silent)).isEqualTo("WORKER_EXITED");
    assertThat(redis.jobs.get(heard)).isPresent();
  }

  @Test
  void anExecutorThatCannotBeSeenProvesNothing() {
    BuildId build = redis.enqueued("ns/one");
    JobRef job = launched();
    executor.lose(name(job));
    executor.goBlind(true);

    sightTwice(reaper());

    assertThat(redis.jobs.get(build)).isPresent();
  }

  private Reaper reaper() {
    return new Reaper(redis.scripts, executors, OURS, ticker, metrics);
  }

  private void sightTwice(Reaper reaper) {
    reaper.runOnce();
    nanos.addAndGet(Duration.ofSeconds(61).toNanos());
    reaper.runOnce();
  }

  @Test
  void aDutyForAnotherClaimsWorkerAnswersForNone() {
    // D17: a failover that lost writes gave the attempt's number out again.
    redis.enqueued("ns/one");
    JobRef owed = launched();
    JobRef lost = new JobRef(owed.attempt(), redis.nonce());
    sure(redis.cancel.run(owed.build(), "somebody", ""));
    executor.put(worker(lost, OURS));

    sightTwice(reaper());

    assertThat(executor.running()).extracting(SeenWorker::name).containsExactly(name(owed));
  }

  /** E9, K17: lists lag behind, so who is missing there is asked for by name. */
  @Test
  void aWorkerThatOnlyAListMissesIsAlive() {
    BuildId build = redis.enqueued("ns/one");
    launched();
    executor.lagLists(true);

    sightTwice(reaper());

    assertThat(redis.jobs.get(build)).isPresent();
    assertThat(executor.running()).hasSize(1);
  }
}
