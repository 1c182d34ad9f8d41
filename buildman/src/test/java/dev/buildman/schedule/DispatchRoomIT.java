package dev.buildman.schedule;

import static dev.buildman.schedule.TestManager.place;
import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Breaker;
import dev.buildman.executor.Choice;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FailureClass;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who may be launched where: full executors, namespaces, tries, several managers. */
@RedisTest
class DispatchRoomIT extends DispatchFixture {
  @Test
  void aFullExecutorIsPassedOverAndTheHistorySaysSo() throws InterruptedException {
    BuildId one = redis.enqueued("ns/one");
    BuildId two = redis.enqueued("ns/two");

    try (TestManager manager = manager(withMaximum(first, 1), place(second))) {
      manager.dispatch();
    }

    assertThat(first.started()).hasSize(1);
    assertThat(second.started()).hasSize(1);
    // Both are walked at the same time: either may have come first.
    ExecutorName ofOne = redis.jobOf(one).worker().orElseThrow().executor();
    BuildId passedOn = ofOne.equals(second.name()) ? one : two;
    assertThat(redis.jobOf(passedOn).worker().orElseThrow().executor()).isEqualTo(second.name());
    assertThat(redis.reasons(passedOn)).contains("EXECUTOR_SKIPPED");
  }

  @Test
  void waitingForRoomIsFreeAndEndsWhenAWorkerIsGone() throws InterruptedException {
    BuildId one = redis.enqueued("ns/one");
    BuildId two = redis.enqueued("ns/two");
    BuildId waiting;

    try (TestManager manager = manager(withMaximum(first, 1))) {
      manager.dispatch();
      // Both are walked at the same time: either may have come first.
      BuildId running = record(one).course().counts().attempt() == 1 ? one : two;
      waiting = running.equals(one) ? two : one;
      for (int sweep = 0; sweep < 20; sweep++) {
        redis.advance(Duration.ofSeconds(5));
        redis.due.run(TestOrchestrator.HOST, 10).parked().forEach(redis.wakeParked::run);
        manager.dispatcher.wakeForRoom();
        manager.dispatch();
      }
      assertThat(record(waiting).standing().reason()).isEqualTo("EXECUTOR_FULL");
      assertThat(record(waiting).course().counts().attempt()).isZero();
      assertNothingPaid(waiting);
      assertThat(redis.reasons(waiting)).containsOnlyOnce("EXECUTOR_FULL");

      endByExit(running, first.name());
      redis.wakeParked.byEvent(10);
      manager.dispatcher.wakeForRoom();
      manager.dispatch();
    }
    assertThat(redis.jobOf(waiting).step()).isEqualTo(JobRecord.Step.LAUNCHED);
  }

  @Test
  void nothingIsClaimedWhileTheOnlyExecutorIsKnownToBeFull() throws InterruptedException {
    BuildId one = redis.enqueued("ns/one");
    BuildId other = redis.enqueued("ns/two");

    try (TestManager manager = manager(withMaximum(first, 1))) {
      manager.dispatch();
      redis.advance(Duration.ofSeconds(5));
      redis.due.run(TestOrchestrator.HOST, 10).parked().forEach(redis.wakeParked::run);
      manager.dispatch();

      // Both were claimed at first, and either may have got the place.
      assertThat(List.of(record(one).standing().place(), record(other).standing().place()))
          .containsExactlyInAnyOrder(Place.JOB, Place.HEAD);
    }
  }

  /**
   * The one launch by which an open circuit asks again is not used up by an executor's fullness.
   */
  @Test
  void anOpenCircuitThatFindsItsExecutorFullAsksAgain() throws InterruptedException {
    Breaker breaker = new Breaker(1, Duration.ofMillis(200), OptionalDouble.empty());
    TestManager.Place fragile =
        new TestManager.Place(first, withMaximum(first, 1).settings().withBreaker(breaker));
    first.failSurely(FailureClass.UNREACHABLE);
    BuildId failed = redis.enqueued("ns/failed");

    try (TestManager manager = manager(fragile);
        TestManager other = new TestManager(redis.scripts, "other", withMaximum(first, 1))) {
      manager.dispatch();
      assertThat(manager.chain.mayTake()).isFalse();
      BuildId running = redis.enqueued("ns/running");
      other.dispatch();
      await().until(manager.chain::mayTake);
      redis.enqueued("ns/waiting");
      manager.dispatch();
      assertThat(first.started()).as("it was full").hasSize(2);

      endByExit(running, first.name());
      sure(redis.cancel.run(running, "", ""));
      redis.advance(Duration.ofSeconds(7));
      redis.due.run(TestOrchestrator.HOST, 10).parked().forEach(redis.wakeParked::run);
      manager.dispatcher.wakeForRoom();
      manager.dispatch();
      assertThat(first.started()).hasSize(3);
    }
    assertThat(redis.jobOf(failed).step()).isEqualTo(JobRecord.Step.LAUNCHED);
  }

  @Test
  void aNamespaceThatNoExecutorTakesStandsAsideAsAWhole() throws InterruptedException {
    BuildId build = redis.enqueued("other/one");
    for (int n = 0; n < 50; n++) {
      redis.enqueued("other/repo" + n);
    }
    BuildId allowed = redis.enqueued("allowed/repo");

    try (TestManager manager = manager(withWhitelist(first, "allowed"))) {
      manager.dispatch();
      manager.dispatch();
    }

    assertThat(record(build).standing().reason()).isEqualTo("NAMESPACE_NOT_ALLOWED");
    assertThat(record(build).standing().place()).isEqualTo(Place.HEAD);
    assertThat(redis.jobOf(allowed).step()).isEqualTo(JobRecord.Step.LAUNCHED);
    assertThat(redis.status.read().queue().runnable()).isZero();
    assertNothingPaid(build);
  }

  @Test
  void aBuildWithFewTriesLeftIsKeptFromAnExecutorThatWantsMore() throws InterruptedException {
    Choice wantsTwo = new Choice(2, Set.of(), 1, OptionalInt.empty());
    TestManager.Place picky =
        new TestManager.Place(first, ExecutorSettings.defaults(first.name()).withChoice(wantsTwo));
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(picky, place(second))) {
      manager.dispatch();
      assertThat(redis.jobOf(build).worker().orElseThrow().executor()).isEqualTo(first.name());

      endByExit(build, first.name());
      redis.advance(Duration.ofSeconds(10));
      redis.due.run(TestOrchestrator.HOST, 10).delayed().forEach(redis.wakeDelayed::run);
      manager.dispatch();
    }
    assertThat(redis.jobOf(build).worker().orElseThrow().executor()).isEqualTo(second.name());
  }

  @Test
  void twoManagersNeverExceedTheCapacityAndShareTheWork() throws InterruptedException {
    redis.allow(3);
    for (int n = 0; n < 40; n++) {
      redis.enqueued("ns/repo" + n);
    }

    try (TestManager one =
            new TestManager(redis.scripts, "one", withMaximum(first, 2), place(second));
        TestManager two =
            new TestManager(redis.scripts, "two", withMaximum(first, 2), place(second))) {
      one.dispatcher.start();
      two.dispatcher.start();
      await()
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(5))
          .until(
              () -> {
                assertThat(first.running().size() + second.running().size()).isLessThanOrEqualTo(3);
                redis.jobs.live().stream()
                    .filter(job -> job.step() == JobRecord.Step.LAUNCHED)
                    .forEach(this::complete);
                redis.wakeParked.byEvent(10);
                one.dispatcher.wakeForRoom();
                two.dispatcher.wakeForRoom();
                return redis.status.read().queue().depth() == 0 && redis.jobs.live().isEmpty();
              });
    }
    assertThat(first.mostAtOnce()).isLessThanOrEqualTo(2);
    assertThat(first.started().size() + second.started().size()).isEqualTo(40);
    assertThat(first.started()).extracting(r -> r.attempt().number()).containsOnly(1);
  }
}
