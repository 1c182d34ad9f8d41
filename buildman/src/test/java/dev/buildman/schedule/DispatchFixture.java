package dev.buildman.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.Choice;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.model.BuildId;
import dev.buildman.model.Ending;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.TestRedis;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

/** Two executors of the test's, and managers that dispatch to them. */
abstract class DispatchFixture {
  final FakeExecutor first = new FakeExecutor("first");
  final FakeExecutor second = new FakeExecutor("second");
  TestOrchestrator redis;

  @BeforeEach
  void open(TestRedis server) {
    redis = new TestOrchestrator(server).allow(10);
  }

  TestManager manager(TestManager.Place... places) {
    return new TestManager(redis.scripts, "m", places);
  }

  static TestManager.Place withMaximum(FakeExecutor executor, int workers) {
    ExecutorSettings settings = ExecutorSettings.defaults(executor.name());
    return new TestManager.Place(
        executor, settings.withChoice(new Choice(0, Set.of(), 1, OptionalInt.of(workers))));
  }

  static TestManager.Place withWhitelist(FakeExecutor executor, String namespace) {
    ExecutorSettings settings = ExecutorSettings.defaults(executor.name());
    return new TestManager.Place(
        executor, settings.withChoice(new Choice(0, Set.of(namespace), 1, OptionalInt.empty())));
  }

  BuildRecord record(BuildId build) {
    return redis.record(build);
  }

  void assertNothingPaid(BuildId build) {
    assertThat(record(build).course().counts().tries()).isEqualTo(3);
    assertThat(record(build).course().counts().interruptions()).isZero();
  }

  void complete(JobRecord job) {
    ExecutorName executor = job.worker().orElseThrow().executor();
    FakeExecutor fake = executor.equals(first.name()) ? first : second;
    fake.running().stream()
        .filter(worker -> worker.attempt().equals(job.attempt()))
        .forEach(worker -> fake.lose(worker.name()));
    finish(job.ref(), executor, Ending.USER_FAILURE);
  }

  void endByExit(BuildId build, ExecutorName executor) {
    JobRef job = redis.jobOf(build).ref();
    first.running().stream()
        .filter(worker -> worker.attempt().equals(job.attempt()))
        .forEach(worker -> first.lose(worker.name()));
    finish(job, executor, Ending.WORKER_GONE);
  }

  void finish(JobRef job, ExecutorName executor, Ending ending) {
    TestOrchestrator.sure(
        redis.finishExit.run(job, executor, EndNote.of(ending), Optional.empty(), true));
  }
}
