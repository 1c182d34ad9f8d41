package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Exit;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerRef;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.JobRef;
import dev.buildman.model.Nonce;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.SessionRef;
import dev.buildman.model.WorkerExit;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.WorkerPlace;
import dev.buildman.orchestrator.queue.NewBuild;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Tasks;
import dev.buildman.runtime.Ticker;
import dev.buildman.sources.SourceDigest;
import dev.buildman.sources.SourceStore;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RedisTest
class ReconcileIT {
  private static final Installation OURS = new Installation("0123456789ab", "state-1");

  private final FakeExecutor executor = new FakeExecutor("first");
  private final KnownExecutors executors = new KnownExecutors(List.of(executor));
  private final Insistence insistence = new Insistence(Sleeper.system());
  private final Metrics metrics = new Metrics();
  private final AtomicLong nanos = new AtomicLong();
  private final Ticker ticker = nanos::get;
  private final AtomicInteger runnable = new AtomicInteger();
  private final AtomicInteger room = new AtomicInteger();
  private final List<BuildId> closedLogs = new ArrayList<>();
  private final Hooks hooks =
      new Hooks() {
        @Override
        public void runnable() {
          runnable.incrementAndGet();
        }

        @Override
        public void room() {
          room.incrementAndGet();
        }
      };
  private TestOrchestrator redis;
  private DueActions actions;
  private Sweep sweep;
  private DutyWorker duties;
  private ExitWatch exits;

  @BeforeEach
  void open(TestRedis server) {
    redis = new TestOrchestrator(server).allow(10);
    EndedLogs logs =
        new EndedLogs() {
          @Override
          public void close(BuildId build) {
            closedLogs.add(build);
          }

          @Override
          public void delete(BuildId build) {}
        };
    actions = new DueActions(redis.scripts, logs, hooks, metrics);
    duties =
        new DutyWorker(
            redis.scripts,
            executors,
            List.of(TestOrchestrator.HOST),
            hooks,
            insistence,
            Sleeper.system());
    sweep = new Sweep(redis.scripts, actions, List.of(TestOrchestrator.HOST), duties::runOnce);
    exits = new ExitWatch(redis.scripts, executors, insistence, new Tasks(), metrics);
  }

  private ExecutionName name(JobRef job) {
    return ExecutionName.of(OURS, job.attempt(), job.nonce());
  }

  private SeenWorker worker(JobRef job, Installation installation) {
    return new SeenWorker(
        job.attempt(),
        WorkerRef.of(name(job), new ExecutionId("id-" + job.attempt())),
        installation.state());
  }

  /** The next build with its intent, under the name that a worker would have. */
  private JobRef intended() {
    JobRef job = redis.claimed().job();
    sure(
        redis.intend.run(
            job,
            new WorkerPlace(
                executor.name(),
                Optional.empty(),
                name(job).value(),
                OptionalInt.empty(),
                Optional.empty())));
    return job;
  }

  /** The next build with a worker that runs. */
  private JobRef launched() {
    JobRef job = intended();
    executor.put(worker(job, OURS));
    sure(redis.launched.run(job, "id-" + job.attempt(), Duration.ofSeconds(500)));
    return job;
  }

  private SessionRef quayIn(Phase phase) {
    JobRef job = launched();
    SessionRef session =
        redis.register.run(redis.registration(job, "")).held().orElseThrow().session();
    redis.to(session, 1, phase);
    return session;
  }

  private static Exit exit(WorkerExit how, String... lines) {
    return new Exit(how, List.of(lines));
  }

  private String reason(BuildId build) {
    return redis.record(build).standing().reason();
  }

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

  @Test
  void theSweepDoesWhatEveryKindOfDeadlineAsksFor() {
    BuildId never = redis.enqueued("ns/one");
    launched();
    BuildId claimed = redis.enqueued("ns/two");
    redis.claimed();
    executor.holdStopsBack(true);

    redis.advance(Duration.ofSeconds(31));
    sweep.runOnce();
    assertThat(redis.record(claimed).standing().place()).isEqualTo(Place.HEAD);

    redis.advance(Duration.ofSeconds(500));
    sweep.runOnce();
    assertThat(reason(never)).isEqualTo("NEVER_REGISTERED");
    assertThat(redis.status.read().slots()).isEqualTo(1);

    redis.advance(Duration.ofSeconds(121));
    sweep.runOnce();
    assertThat(redis.record(never).standing().place()).isEqualTo(Place.HEAD);
    // Held for TERMINATION_HOLD, then freed though the worker still runs.
    assertThat(redis.status.read().slots()).isZero();
    assertThat(redis.duties.open(10)).hasSize(1);
    assertThat(runnable).hasPositiveValue();
  }

  @Test
  void theLogOfAnEndedBuildIsClosedHalfAMinuteLater() {
    BuildId build = redis.enqueued("ns/repo");
    redis.registered(redis.launched());
    sure(redis.cancel.run(build, "somebody", ""));

    sweep.runOnce();
    assertThat(closedLogs).isEmpty();
    redis.advance(Duration.ofSeconds(31));
    sweep.runOnce();
    sweep.runOnce();

    assertThat(closedLogs).containsExactly(build);
  }

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

  private void sayPresent() {
    sure(
        redis.presence.run(
            new ManagerInfo(
                TestOrchestrator.MANAGER, TestOrchestrator.HOST, "1", redis.now(), false),
            Duration.ofMinutes(10)));
  }

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
  void anEndedBuildIsRetiredWithItsLogAndItsSourceWhenTheirTimeIsOver(@TempDir Path folder)
      throws IOException {
    SourceStore store = SourceStore.open(folder, 1 << 20, redis::now);
    SourceDigest digest = store.putDockerfile("FROM scratch".getBytes(UTF_8)).digest();
    NewBuild.Options options =
        new NewBuild.Options("", 0, 3, Optional.empty(), Set.of(), digest.toString());
    BuildId build = sure(redis.enqueue.run(TestOrchestrator.build("ns/repo", options)));
    List<BuildId> deleted = new ArrayList<>();
    Retention retention =
        new Retention(
            redis.scripts,
            deletedLogs(deleted),
            new OldSources(redis.scripts, store, redis::now),
            RetentionSettings.DEFAULT);

    redis.jump(Duration.ofDays(3));
    retention.runOnce();
    assertThat(store.find(digest)).as("a build that waits still names it").isPresent();

    sure(redis.cancel.run(build, "somebody", ""));
    redis.jump(Duration.ofDays(6));
    retention.runOnce();
    assertThat(store.find(digest)).isEmpty();
    assertThat(redis.builds.get(build)).isPresent();

    redis.jump(Duration.ofDays(2));
    retention.runOnce();
    assertThat(redis.builds.get(build)).isEmpty();
    assertThat(deleted).containsExactly(build);
  }

  private static EndedLogs deletedLogs(List<BuildId> deleted) {
    return new EndedLogs() {
      @Override
      public void close(BuildId ended) {}

      @Override
      public void delete(BuildId ended) {
        deleted.add(ended);
      }
    };
  }
}
