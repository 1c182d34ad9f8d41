package dev.buildman.reconcile;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Exit;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerRef;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.model.WorkerExit;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.events.ExecutorCondition;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.job.WorkerPlace;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Tasks;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A manager's reconciling on an executor and with a clock of the test's, over real scripts. */
abstract class ReconcileFixture {
  static final Installation OURS = new Installation("0123456789ab", "state-1");

  final FakeExecutor executor = new FakeExecutor("first");
  final KnownExecutors executors = new KnownExecutors(List.of(executor));
  final Insistence insistence = new Insistence(Sleeper.system());
  final Metrics metrics = new Metrics();
  final AtomicLong nanos = new AtomicLong();
  final Ticker ticker = nanos::get;
  final AtomicInteger runnable = new AtomicInteger();
  final AtomicInteger room = new AtomicInteger();
  final List<BuildId> closedLogs = new ArrayList<>();
  final Hooks hooks =
      new Hooks() {
        @Override
        public List<ExecutorCondition> conditions() {
          return List.of();
        }

        @Override
        public void runnable() {
          runnable.incrementAndGet();
        }

        @Override
        public void room() {
          room.incrementAndGet();
        }
      };
  TestOrchestrator redis;
  DueActions actions;
  Sweep sweep;
  DutyWorker duties;
  ExitWatch exits;

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
            redis.scripts, executors, () -> List.of(TestOrchestrator.HOST), hooks, insistence);
    sweep =
        new Sweep(redis.scripts, actions, () -> List.of(TestOrchestrator.HOST), duties::runOnce);
    exits = new ExitWatch(redis.scripts, executors, insistence, new Tasks(), metrics);
  }

  @AfterEach
  void leaveDuties() {
    duties.close();
  }

  ExecutionName name(JobRef job) {
    return ExecutionName.of(OURS, job.attempt(), job.nonce());
  }

  SeenWorker worker(JobRef job, Installation installation) {
    return new SeenWorker(
        job.attempt(),
        WorkerRef.of(name(job), new ExecutionId("id-" + job.attempt())),
        installation.state());
  }

  /** The next build with its intent, under the name that a worker would have. */
  JobRef intended() {
    return intended(Optional.empty());
  }

  /** The same, on a host. */
  JobRef intended(Optional<HostId> host) {
    JobRef job = redis.claimed().job();
    sure(
        redis.intend.run(
            job,
            new WorkerPlace(
                executor.name(), host, name(job).value(), OptionalInt.empty(), Optional.empty())));
    return job;
  }

  /** The next build with a worker that runs. */
  JobRef launched() {
    return launched(Optional.empty());
  }

  /** The same, on a host. */
  JobRef launched(Optional<HostId> host) {
    JobRef job = intended(host);
    executor.put(worker(job, OURS));
    sure(redis.launched.run(job, "id-" + job.attempt(), Duration.ofSeconds(500)));
    return job;
  }

  SessionRef quayIn(Phase phase) {
    return quayIn(phase, launched());
  }

  SessionRef quayIn(Phase phase, JobRef job) {
    SessionRef session =
        redis.register.run(redis.registration(job, "")).held().orElseThrow().session();
    redis.to(session, 1, phase);
    return session;
  }

  static Exit exit(WorkerExit how, String... lines) {
    return new Exit(how, List.of(lines));
  }

  String reason(BuildId build) {
    return redis.record(build).standing().reason();
  }

  void sayPresent() {
    sayPresent(TestOrchestrator.MANAGER, TestOrchestrator.HOST, false);
  }

  void sayPresent(ManagerId manager, HostId host, boolean draining) {
    sure(
        redis.presence.run(
            new ManagerInfo(manager, host, "1", redis.now(), draining), Duration.ofMinutes(10)));
  }
}
