package dev.buildman.schedule;

import static dev.buildman.schedule.TestManager.place;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.Choice;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.events.DueWork;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * Waiting costs a build nothing and Redis little, however many wait and however long (D1: capacity
 * burnt retries).
 */
@RedisTest
@Isolated("counts all commands of the shared Redis")
class WaitingIsFreeIT {
  private static final int SWEEPS = 100;
  // A tick, a look, a claim, and what one park of a namespace in five seconds takes.
  private static final long COMMANDS_A_SWEEP = 150;

  private final FakeExecutor executor = new FakeExecutor("only");
  private TestOrchestrator redis;

  @BeforeEach
  void open(TestRedis server) {
    redis = new TestOrchestrator(server);
  }

  private static TestManager.Place with(FakeExecutor executor, Choice choice) {
    return new TestManager.Place(
        executor, ExecutorSettings.defaults(executor.name()).withChoice(choice));
  }

  /** A second of a manager's life. */
  private void second(TestManager manager) throws InterruptedException {
    redis.advance(Duration.ofSeconds(1));
    DueWork due = redis.due.run(TestOrchestrator.HOST, 200);
    due.parked().forEach(redis.wakeParked::run);
    manager.dispatch();
  }

  private long commands() {
    return redis
        .redis()
        .raw()
        .info("stats")
        .lines()
        .filter(line -> line.startsWith("total_commands_processed:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .sum();
  }

  private void assertUntouched(BuildId build, Place place) {
    BuildRecord record = redis.record(build);
    assertThat(record.standing().place()).isEqualTo(place);
    assertThat(record.course().counts().attempt()).isZero();
    assertThat(record.course().counts().tries()).isEqualTo(3);
    assertThat(record.course().counts().interruptions()).isZero();
  }

  private void assertCheap(long before) {
    assertThat((commands() - before) / SWEEPS).isLessThan(COMMANDS_A_SWEEP);
  }

  @Test
  void forAFreeSlot() throws InterruptedException {
    redis.allow(2);
    List<BuildId> builds = new ArrayList<>();
    for (int n = 0; n < 12; n++) {
      builds.add(redis.enqueued("ns/repo" + n));
    }
    try (TestManager manager = new TestManager(redis.scripts, "m", place(executor))) {
      manager.dispatch();
      long before = commands();
      for (int sweep = 0; sweep < SWEEPS; sweep++) {
        second(manager);
      }
      assertCheap(before);
    }
    builds.subList(2, 12).forEach(build -> assertUntouched(build, Place.HEAD));
    assertThat(executor.started()).hasSize(2);
  }

  @Test
  void forAnExecutorWithRoom() throws InterruptedException {
    redis.allow(100);
    List<BuildId> builds = new ArrayList<>();
    for (int n = 0; n < 50; n++) {
      builds.add(redis.enqueued("ns/repo" + n));
    }
    Choice one = new Choice(0, Set.of(), 1, OptionalInt.of(1));
    try (TestManager manager = new TestManager(redis.scripts, "m", with(executor, one))) {
      manager.dispatch();
      long before = commands();
      for (int sweep = 0; sweep < SWEEPS; sweep++) {
        manager.chain.sawRoom();
        second(manager);
      }
      assertCheap(before);
    }
    assertThat(executor.started()).hasSize(1);
    assertThat(builds)
        .filteredOn(build -> redis.jobs.get(build).isEmpty())
        .hasSize(49)
        .allSatisfy(build -> assertUntouched(build, Place.HEAD));
  }

  @Test
  void forAnExecutorThatAllowsItsNamespace() throws InterruptedException {
    redis.allow(100);
    BuildId first = redis.enqueued("nobodys/repo");
    for (int n = 0; n < 10_000; n++) {
      redis.enqueued("nobodys/repo" + n);
    }
    Choice others = new Choice(0, Set.of("others"), 1, OptionalInt.empty());
    try (TestManager manager = new TestManager(redis.scripts, "m", with(executor, others))) {
      manager.dispatch();
      long before = commands();
      for (int sweep = 0; sweep < SWEEPS; sweep++) {
        second(manager);
      }
      assertCheap(before);
    }
    assertUntouched(first, Place.HEAD);
    assertThat(redis.record(first).standing().reason()).isEqualTo("NAMESPACE_NOT_ALLOWED");
    assertThat(redis.reasons(first)).containsOnlyOnce("NAMESPACE_NOT_ALLOWED");
    assertThat(executor.started()).isEmpty();
  }
}
