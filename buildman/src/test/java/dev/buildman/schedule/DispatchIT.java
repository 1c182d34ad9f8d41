package dev.buildman.schedule;

import static dev.buildman.schedule.TestManager.place;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Breaker;
import dev.buildman.executor.Choice;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.BuildId;
import dev.buildman.model.Ending;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.Phase;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import dev.buildman.token.Grant;
import dev.buildman.token.Verified;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class DispatchIT {
  private final FakeExecutor first = new FakeExecutor("first");
  private final FakeExecutor second = new FakeExecutor("second");
  private TestOrchestrator redis;

  @BeforeEach
  void open(TestRedis server) {
    redis = new TestOrchestrator(server).allow(10);
  }

  private TestManager manager(TestManager.Place... places) {
    return new TestManager(redis.scripts, "m", places);
  }

  private static TestManager.Place withMaximum(FakeExecutor executor, int workers) {
    ExecutorSettings settings = ExecutorSettings.defaults(executor.name());
    return new TestManager.Place(
        executor, settings.withChoice(new Choice(0, Set.of(), 1, OptionalInt.of(workers))));
  }

  private static TestManager.Place withWhitelist(FakeExecutor executor, String namespace) {
    ExecutorSettings settings = ExecutorSettings.defaults(executor.name());
    return new TestManager.Place(
        executor, settings.withChoice(new Choice(0, Set.of(namespace), 1, OptionalInt.empty())));
  }

  private BuildRecord record(BuildId build) {
    return redis.record(build);
  }

  private void assertNothingPaid(BuildId build) {
    assertThat(record(build).course().counts().tries()).isEqualTo(3);
    assertThat(record(build).course().counts().interruptions()).isZero();
  }

  @Test
  void aBuildIsLaunchedOnTheFirstExecutor() throws InterruptedException {
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first), place(second))) {
      manager.dispatch();

      JobRecord job = redis.jobOf(build);
      assertThat(job.step()).isEqualTo(JobRecord.Step.LAUNCHED);
      assertThat(job.worker().orElseThrow().executor()).isEqualTo(first.name());
      assertThat(job.worker().orElseThrow().executionId()).contains("fake-1");
      WorkerRequest request = first.started().getFirst();
      assertThat(job.worker().orElseThrow().name()).isEqualTo(request.name().value());
      assertThat(request.environment())
          .containsEntry("BUILD_UUID", build.value())
          .containsEntry("SERVER", "buildman:55443");
      assertThat(manager.tokens.registration(request.token().reveal()))
          .isEqualTo(new Verified.Valid<>(new Grant.Registration(job.ref(), first.name())));
    }
    assertThat(second.started()).isEmpty();
  }

  @Test
  void aLaunchThatSurelyStartedNothingGoesOnToTheNextExecutorForFree() throws Exception {
    first.failSurely(FailureClass.REFUSED);
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first), place(second))) {
      manager.dispatch();
    }

    JobRecord job = redis.jobOf(build);
    assertThat(job.worker().orElseThrow().executor()).isEqualTo(second.name());
    assertThat(job.attempt().number()).isEqualTo(2);
    assertThat(second.started().getFirst().attempt()).isEqualTo(job.attempt());
    assertThat(redis.duties.open(10)).isEmpty();
    assertThat(redis.reasons(build)).contains("EXECUTOR_UNAVAILABLE");
    assertNothingPaid(build);
  }

  @Test
  void aLaunchWithoutAnAnswerLeavesADutyAndTheBuildGoesOnFromTheNextExecutor() throws Exception {
    first.failAmbiguously(true);
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first), place(second))) {
      manager.dispatch();
      manager.dispatch();
    }

    JobRecord job = redis.jobOf(build);
    assertThat(job.worker().orElseThrow().executor()).isEqualTo(second.name());
    assertThat(first.started()).hasSize(1);
    List<Duty> duties = redis.duties.open(10);
    assertThat(duties).hasSize(1);
    assertThat(duties.getFirst().worker().name())
        .isEqualTo(first.started().getFirst().name().value());
    assertThat(duties.getFirst().progress().launchAnswered()).isFalse();
    assertThat(redis.status.read().slots()).isEqualTo(2);
    assertNothingPaid(build);
  }

  @Test
  void aBuildThatNoExecutorTakesIsParkedForFreeHoweverLongTheOutageLasts() throws Exception {
    BuildId build = redis.enqueued("ns/repo");
    ExecutorSettings patient =
        ExecutorSettings.defaults(first.name())
            .withBreaker(new Breaker(1000, Duration.ofSeconds(1), OptionalDouble.empty()));

    try (TestManager manager = manager(new TestManager.Place(first, patient))) {
      for (int outage = 1; outage <= 20; outage++) {
        first.failSurely(FailureClass.UNREACHABLE);
        manager.dispatch();
        assertThat(record(build).standing().place()).isEqualTo(Place.PARKED);
        assertThat(first.started()).hasSize(outage);
        redis.advance(Duration.ofSeconds(361));
        redis.due.run(TestOrchestrator.HOST, 10).parked().forEach(redis.wakeParked::run);
      }
      assertNothingPaid(build);
      assertThat(record(build).standing().reason()).isEqualTo("EXECUTOR_UNAVAILABLE");
      assertThat(record(build).standing().sentence()).contains("first", "as the test wants it");
      assertThat(redis.status.read().slots()).isZero();

      manager.dispatch();
    }
    assertThat(redis.jobOf(build).step()).isEqualTo(JobRecord.Step.LAUNCHED);
  }

  @Test
  void whatIsImpossibleThereEndsTheBuildWithTheProvidersWords() throws InterruptedException {
    first.failSurely(FailureClass.IMPOSSIBLE);
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first), place(second))) {
      manager.dispatch();
    }

    assertThat(record(build).standing().phase()).isEqualTo(Phase.ERROR);
    assertThat(record(build).standing().reason()).isEqualTo("UNSATISFIABLE");
    assertThat(record(build).standing().sentence()).contains("as the test wants it");
    assertThat(second.started()).isEmpty();
  }

  @Test
  void aLaunchThatHangsIsLeftBehindAndWhatItStartsLateIsStopped() throws InterruptedException {
    Limits.Times times = redis.limits().times();
    redis.limits(
        redis
            .limits()
            .with(
                new Limits.Times(
                    times.lease(),
                    Duration.ofSeconds(1),
                    times.machineMax(),
                    times.terminationHold(),
                    times.reconnectWindow())));
    CountDownLatch open = first.hangNext();
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first))) {
      manager.dispatch();

      assertThat(record(build).standing().place()).isEqualTo(Place.PARKED);
      assertThat(redis.duties.open(10)).hasSize(1);
      open.countDown();
      await()
          .untilAsserted(
              () ->
                  assertThat(first.stopped())
                      .extracting(worker -> worker.name())
                      .containsExactly(first.started().getFirst().name()));
      assertThat(first.running()).isEmpty();
    }
    assertNothingPaid(build);
  }

  @Test
  void aWorkerWhoseAttemptEndedDuringItsLaunchIsStopped() throws InterruptedException {
    // D5: the manager was stopped between the intent and the launch, longer than the intent lasts.
    CountDownLatch open = first.hangNext();
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first))) {
      manager.dispatcher.runOnce();
      await().until(() -> first.started().size() == 1);
      redis.advance(Duration.ofSeconds(31));
      assertThat(redis.expire.run(build).held()).isPresent();

      open.countDown();
      await().untilAsserted(() -> assertThat(first.stopped()).hasSize(1));
      manager.dispatcher.awaitWalks(Duration.ofSeconds(5));
    }
    assertThat(first.running()).isEmpty();
    assertThat(redis.jobs.get(build)).isEmpty();
    assertThat(redis.duties.open(10)).hasSize(1);
    assertThat(record(build).course().counts().tries()).isEqualTo(3);
    assertThat(record(build).course().counts().interruptions()).isEqualTo(1);
  }

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
    redis.enqueued("ns/one");
    BuildId waiting = redis.enqueued("ns/two");

    try (TestManager manager = manager(withMaximum(first, 1))) {
      manager.dispatch();
      redis.advance(Duration.ofSeconds(5));
      redis.due.run(TestOrchestrator.HOST, 10).parked().forEach(redis.wakeParked::run);
      manager.dispatch();

      assertThat(record(waiting).standing().place()).isEqualTo(Place.HEAD);
    }
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
  void anExecutorThatKeepsFailingIsLeftAloneForAWhile() throws InterruptedException {
    Breaker breaker = new Breaker(3, Duration.ofMillis(300), OptionalDouble.empty());
    ExecutorSettings settings = ExecutorSettings.defaults(first.name()).withBreaker(breaker);
    for (int n = 0; n < 10; n++) {
      redis.enqueued("ns/repo" + n);
      first.failSurely(FailureClass.UNREACHABLE);
    }

    try (TestManager manager = manager(new TestManager.Place(first, settings))) {
      manager.dispatcher.start();
      await().untilAsserted(() -> assertThat(manager.chain.mayTake()).isFalse());
      manager.dispatcher.awaitWalks(Duration.ofSeconds(5));
      // Launches under way when the third failed are not called back.
      int failed = first.started().size();
      assertThat(failed).isBetween(3, 10);

      await().untilAsserted(() -> assertThat(manager.chain.mayTake()).isTrue());
    }
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

  private void complete(JobRecord job) {
    ExecutorName executor = job.worker().orElseThrow().executor();
    FakeExecutor fake = executor.equals(first.name()) ? first : second;
    fake.running().stream()
        .filter(worker -> worker.attempt().equals(job.attempt()))
        .forEach(worker -> fake.lose(worker.name()));
    finish(job.ref(), executor, Ending.USER_FAILURE);
  }

  private void endByExit(BuildId build, ExecutorName executor) {
    JobRef job = redis.jobOf(build).ref();
    first.running().stream()
        .filter(worker -> worker.attempt().equals(job.attempt()))
        .forEach(worker -> first.lose(worker.name()));
    finish(job, executor, Ending.WORKER_GONE);
  }

  private void finish(JobRef job, ExecutorName executor, Ending ending) {
    TestOrchestrator.sure(
        redis.finishExit.run(job, executor, EndNote.of(ending), Optional.empty(), true));
  }
}
