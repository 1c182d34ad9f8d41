package dev.buildman.schedule;

import static dev.buildman.schedule.TestManager.place;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Breaker;
import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.BuildId;
import dev.buildman.model.Phase;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.token.Grant;
import dev.buildman.token.Verified;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A walk along the chain: what a launch may come to, and what the build is told. */
@RedisTest
class DispatchIT extends DispatchFixture {
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
  void aLaunchWithoutAnAnswerParksTheBuildWhereNoOtherExecutorMayTakeIt() throws Exception {
    first.failAmbiguously(true);
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first), withWhitelist(second, "others"))) {
      manager.dispatch();
    }

    assertThat(record(build).standing().place()).isEqualTo(Place.PARKED);
    assertThat(record(build).standing().reason()).isEqualTo("LAUNCH_UNKNOWN");
    assertThat(redis.duties.open(10)).hasSize(1);
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
    launchWithinASecond();
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
      awaitAnswered();
    }
    assertNothingPaid(build);
  }

  /** Else its slot would wait for ten minutes for what has come. */
  private void awaitAnswered() {
    await()
        .untilAsserted(
            () ->
                assertThat(redis.duties.open(10))
                    .singleElement()
                    .matches(duty -> duty.progress().launchAnswered()));
  }

  /** The executor takes its time to say no, and somebody cancels meanwhile. */
  @Test
  void aLaunchThatFailedWhenItsAttemptHadEndedIsNotWaitedFor() throws InterruptedException {
    CountDownLatch open = first.hangNext(FailureClass.REFUSED);
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first))) {
      manager.dispatcher.runOnce();
      await().until(() -> first.started().size() == 1);
      assertThat(redis.cancel.run(build, "somebody", "").held()).isPresent();

      open.countDown();
      awaitAnswered();
      manager.dispatcher.awaitWalks(Duration.ofSeconds(5));
    }
    assertThat(redis.dutyConfirmed.run(redis.duties.open(1).getFirst().attempt()).held())
        .isPresent();
  }

  @Test
  void aLaunchWithoutAnAnswerWhoseAgentRegisteredDidSucceedAndItsLateAnswerStopsNothing()
      throws InterruptedException {
    launchWithinASecond();
    CountDownLatch open = first.hangNext();
    BuildId build = redis.enqueued("ns/repo");

    try (TestManager manager = manager(place(first))) {
      manager.dispatcher.runOnce();
      await().until(() -> first.started().size() == 1);
      WorkerRequest request = first.started().getFirst();
      first.put(
          new SeenWorker(
              request.attempt(),
              WorkerRef.of(request.name(), new ExecutionId("seen")),
              request.installation().state()));
      redis.registered(redis.jobOf(build).ref());

      await()
          .untilAsserted(
              () -> assertThat(redis.jobOf(build).step()).isEqualTo(JobRecord.Step.LAUNCHED));
      assertThat(redis.jobOf(build).worker().orElseThrow().executionId()).contains("seen");
      open.countDown();
      await()
          .during(Duration.ofMillis(300))
          .untilAsserted(() -> assertThat(first.stopped()).isEmpty());
    }
    assertThat(redis.duties.open(10)).isEmpty();
    assertNothingPaid(build);
  }

  private void launchWithinASecond() {
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
      awaitAnswered();
      manager.dispatcher.awaitWalks(Duration.ofSeconds(5));
    }
    assertThat(first.running()).isEmpty();
    assertThat(redis.jobs.get(build)).isEmpty();
    assertThat(redis.duties.open(10)).hasSize(1);
    assertThat(record(build).course().counts().tries()).isEqualTo(3);
    assertThat(record(build).course().counts().interruptions()).isEqualTo(1);
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
}
