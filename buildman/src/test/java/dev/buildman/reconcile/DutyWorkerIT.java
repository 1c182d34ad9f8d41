package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.WorkerRef;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Ending;
import dev.buildman.model.HostId;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.SessionRef;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.job.SetPhase;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Workers that must be seen gone. */
@RedisTest
class DutyWorkerIT extends ReconcileFixture {
  @Test
  void aCancelledBuildsWorkerIsSeenGoneAndItsSlotFreed() {
    BuildId build = redis.enqueued("ns/repo");
    launched();
    sure(redis.cancel.run(build, "somebody", ""));

    sweep.runOnce();

    await().untilAsserted(() -> assertThat(redis.duties.open(10)).isEmpty());
    assertThat(executor.running()).isEmpty();
    assertThat(redis.status.read().slots()).isZero();
    assertThat(room).hasPositiveValue();
  }

  @Test
  void aDutyStaysOpenUntilItsWorkerIsSeenGone() throws InterruptedException {
    redis.enqueued("ns/repo");
    JobRef job = launched();
    sure(redis.cancel.run(job.build(), "somebody", ""));
    executor.goBlind(true);

    duties.work(redis.duties.open(1).getFirst());
    assertThat(redis.duties.open(10)).hasSize(1);
    assertThat(redis.duties.open(10).getFirst().progress().tries()).isEqualTo(1);

    executor.goBlind(false);
    redis.advance(Duration.ofSeconds(60));
    sweep.runOnce();
    await().untilAsserted(() -> assertThat(redis.duties.open(10)).isEmpty());
  }

  @Test
  void theDutyOfALaunchWithoutAnAnswerStaysOpenForTenMinutes() {
    redis.enqueued("ns/repo");
    JobRef job = intended();
    sure(redis.moveOn.ambiguous(job, Optional.empty(), Reason.LAUNCH_UNKNOWN, "reset"));

    sweep.runOnce();
    await().untilAsserted(() -> assertThat(executor.stopped()).isNotEmpty());
    await()
        .untilAsserted(
            () -> assertThat(redis.duties.open(10).getFirst().progress().tries()).isEqualTo(1));

    // It comes late, and a later look finds it.
    executor.put(worker(job, OURS));
    redis.advance(Duration.ofSeconds(61));
    sweep.runOnce();
    await().untilAsserted(() -> assertThat(executor.running()).isEmpty());
    assertThat(redis.duties.open(10)).hasSize(1);

    redis.advance(Duration.ofMinutes(10));
    sweep.runOnce();
    await().untilAsserted(() -> assertThat(redis.duties.open(10)).isEmpty());
  }

  /** E14: with its machine goes the only trace of why its agent never came. */
  @Test
  void whatAWorkerPrintedIsToldWhenItsAgentNeverRegistered() throws InterruptedException {
    BuildId build = redis.enqueued("ns/repo");
    JobRef job = launched();
    executor.prints(name(job), "ignition: no route to host");
    redis.advance(Duration.ofSeconds(501));
    sure(redis.expire.run(build));
    duties.work(redis.duties.open(1).getFirst());

    assertThat(redis.builds.history(build))
        .anySatisfy(
            entry -> {
              assertThat(entry.reason()).isEqualTo(Reason.NEVER_REGISTERED.code());
              assertThat(entry.sentence()).contains("ignition: no route to host");
            });
    assertThat(redis.duties.open(10)).isEmpty();
  }

  @Test
  void whatAWorkerPrintedIsNotToldOfABuildThatWasCancelled() throws InterruptedException {
    BuildId build = redis.enqueued("ns/repo");
    JobRef job = launched();
    executor.prints(name(job), "ignition: no route to host");
    sure(redis.cancel.run(build, "somebody", ""));
    duties.work(redis.duties.open(1).getFirst());

    assertThat(redis.builds.history(build))
        .noneMatch(entry -> entry.sentence().contains("no route to host"));
  }

  /** It has had its answer: it sends its last lines, clears up and goes. */
  @Test
  void aWorkerWhoseBuildIsCompleteIsGivenTimeToGoByItself() throws InterruptedException {
    redis.enqueued("ns/repo");
    JobRef job = launched();
    completed(job);
    List<Integer> stopsBeforeItWent = new ArrayList<>();
    executor.whenAwaited(
        worker -> {
          stopsBeforeItWent.add(executor.stopped().size());
          executor.lose(worker.name());
        });

    duties.work(redis.duties.open(1).getFirst());

    assertThat(stopsBeforeItWent).startsWith(0);
    assertThat(executor.stopped()).as("what was made for it goes too").hasSize(1);
    assertThat(redis.duties.open(1)).isEmpty();
  }

  /** A Job whose deletion failed, say: nobody else would come for it soon. */
  @Test
  void whatAWorkerThatIsGoneLeftIsRemovedAgainWhereThatFailed() throws InterruptedException {
    completedAndGone();
    executor.failStops(1);

    duties.work(redis.duties.open(1).getFirst());
    assertThat(redis.duties.open(1))
        .singleElement()
        .satisfies(duty -> assertThat(duty.progress().trouble()).contains("could not be removed"));

    duties.work(redis.duties.open(1).getFirst());
    assertThat(redis.duties.open(1)).isEmpty();
    assertThat(executor.stopped()).hasSize(2);
  }

  /** As where its account lacks the right: builds must go on. */
  @Test
  void theSlotOfAWorkerThatIsGoneIsFreeAtLastWhateverFails() throws InterruptedException {
    completedAndGone();
    executor.failStops(100);

    for (int look = 0; look < 7; look++) {
      assertThat(redis.duties.open(1)).hasSize(1);
      duties.work(redis.duties.open(1).getFirst());
    }

    assertThat(redis.duties.open(1)).isEmpty();
    assertThat(redis.status.read().slots()).isZero();
  }

  /** A worker that takes its time to go shall not keep the others' slots. */
  @Test
  void workersThatLeaveSlowlyDoNotHoldUpOthers() {
    redis.allow(100);
    for (int n = 0; n < 40; n++) {
      redis.enqueued("ns/slow-" + n);
      completed(launched());
    }
    duties.runOnce();
    redis.enqueued("ns/repo");
    JobRef cancelled = launched();
    sure(redis.cancel.run(cancelled.build(), "somebody", ""));

    duties.runOnce();

    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(
            () ->
                assertThat(executor.stopped())
                    .extracting(WorkerRef::name)
                    .contains(name(cancelled)));
    assertThat(executor.running()).hasSize(40);
  }

  private void completedAndGone() {
    redis.enqueued("ns/repo");
    JobRef job = launched();
    completed(job);
    executor.lose(name(job));
  }

  private void completed(JobRef job) {
    SessionRef session = redis.registered(job);
    sure(redis.to(session, 1, Phase.PUSHING));
    SetPhase.Step step = new SetPhase.Step(session, 2, TestOrchestrator.MANAGER);
    sure(redis.finishPhase.run(step, EndNote.of(Ending.COMPLETED), BuildResult.UNKNOWN));
  }

  /** Our agents have ended themselves there: nobody waits for a host that never comes back. */
  @Test
  void theDutyOfAHostThatIsGoneForGoodIsClosedWithoutIt() {
    HostId gone = new HostId("gone");
    redis.enqueued("ns/repo");
    JobRef job = launched(Optional.of(gone));
    redis.registered(job);
    sayPresent(new ManagerId("manager-2"), gone, false);
    sure(redis.cancel.run(job.build(), "somebody", ""));

    redis.advance(Duration.ofMinutes(11));
    duties.runOnce();
    assertThat(redis.duties.open(1)).as("its agent's window is not over").isNotEmpty();
    redis.advance(Duration.ofMinutes(6));
    duties.runOnce();

    await().untilAsserted(() -> assertThat(redis.duties.open(1)).isEmpty());
    assertThat(executor.stopped()).isEmpty();
  }
}
