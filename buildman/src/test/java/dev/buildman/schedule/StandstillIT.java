package dev.buildman.schedule;

import static dev.buildman.schedule.TestManager.place;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.Breaker;
import dev.buildman.executor.Choice;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Nothing is claimed, although slots are free: each build that waits says why. */
@RedisTest
class StandstillIT {
  private final FakeExecutor executor = new FakeExecutor("first");
  private TestOrchestrator redis;

  @BeforeEach
  void open(TestRedis server) {
    redis = new TestOrchestrator(server).allow(10);
  }

  private TestManager manager(Choice choice, Breaker breaker) {
    ExecutorSettings settings =
        ExecutorSettings.defaults(executor.name()).withChoice(choice).withBreaker(breaker);
    return new TestManager(redis.scripts, "m", new TestManager.Place(executor, settings));
  }

  private static Breaker fragile() {
    return new Breaker(1, Duration.ofHours(1), OptionalDouble.empty());
  }

  @Test
  void whileEveryCircuitIsOpenTheHeadsSaySo() throws InterruptedException {
    try (TestManager manager = manager(Choice.ANY, fragile())) {
      executor.failSurely(FailureClass.UNREACHABLE);
      redis.enqueued("ns/first");
      manager.dispatch();
      BuildId second = redis.enqueued("ns/second");
      BuildId third = redis.enqueued("others/third");

      for (int i = 0; i < 20; i++) {
        manager.dispatch();
      }

      for (BuildId build : List.of(second, third)) {
        BuildRecord.Standing standing = redis.record(build).standing();
        assertThat(standing.place()).isEqualTo(Place.HEAD);
        assertThat(standing.reason()).isEqualTo("CIRCUIT_OPEN");
        assertThat(standing.sentence()).contains("first: failed too often");
        assertThat(redis.reasons(build)).as("told once").containsOnlyOnce("CIRCUIT_OPEN");
        assertThat(redis.record(build).course().counts().tries()).isEqualTo(3);
      }
      assertThat(manager.chain.standstill()).isPresent();
    }
  }

  @Test
  void whileEveryExecutorIsFullTheHeadsSaySo() throws InterruptedException {
    Choice one = new Choice(0, Set.of(), 1, OptionalInt.of(1));
    try (TestManager manager = manager(one, Breaker.DEFAULT)) {
      redis.enqueued("ns/first");
      manager.dispatch();
      redis.enqueued("ns/second");
      manager.dispatch();
      BuildId third = redis.enqueued("others/third");
      manager.dispatch();

      assertThat(redis.record(third).standing().reason()).isEqualTo("EXECUTOR_FULL");
      assertThat(redis.record(third).standing().place()).isEqualTo(Place.HEAD);
      manager.chain.sawRoom();
      assertThat(manager.chain.standstill()).isEmpty();
    }
  }

  @Test
  void allBuildsOfANamespaceThatNobodyTakesSaySoAndHowManyIsBounded() throws InterruptedException {
    Choice others = new Choice(0, Set.of("others"), 1, OptionalInt.empty());
    try (TestManager manager = manager(others, Breaker.DEFAULT)) {
      List<BuildId> builds =
          IntStream.range(0, 120).mapToObj(n -> redis.enqueued("ns/repo" + n)).toList();
      manager.dispatch();

      assertThat(builds.subList(0, 100))
          .allSatisfy(
              build -> {
                assertThat(redis.record(build).standing().reason())
                    .isEqualTo("NAMESPACE_NOT_ALLOWED");
                assertThat(redis.reasons(build)).contains("NAMESPACE_NOT_ALLOWED");
              });
      assertThat(builds)
          .as("what is not written is read from the namespace")
          .allSatisfy(
              build -> {
                var namespace = redis.record(build).standing().namespace();
                assertThat(namespace.orElseThrow().reason()).isEqualTo("NAMESPACE_NOT_ALLOWED");
              });
      assertThat(redis.status.read().aside()).containsOnlyKeys("ns");
    }
  }

  @Test
  void aNamespaceAtItsLimitSaysSo() throws InterruptedException {
    Limits.Capacity capacity = redis.limits().capacity();
    redis.limits(
        redis
            .limits()
            .with(
                new Limits.Capacity(
                    capacity.allowedWorkers(), capacity.perRepository(), 1, capacity.maxQueued())));
    try (TestManager manager = manager(Choice.ANY, Breaker.DEFAULT)) {
      redis.enqueued("ns/first");
      BuildId second = redis.enqueued("ns/second");
      manager.dispatch();

      assertThat(redis.record(second).standing().namespace().orElseThrow().reason())
          .isEqualTo("NAMESPACE_LIMIT");
    }
  }

  @Test
  void aNamespaceOfWhichABuildIsStartedStandsAsideNoMore() throws InterruptedException {
    Choice one = new Choice(0, Set.of(), 1, OptionalInt.of(1));
    try (TestManager manager = manager(one, Breaker.DEFAULT)) {
      redis.enqueued("ns/first");
      redis.enqueued("ns/second");
      redis.enqueued("ns/third");
      manager.dispatch();
      assertThat(redis.status.read().aside()).containsOnlyKeys("ns");
    }
    try (TestManager roomy = new TestManager(redis.scripts, "r", place(new FakeExecutor("r")))) {
      redis.wakeParked.byEvent(10);
      roomy.dispatch();
      assertThat(redis.status.read().aside()).isEmpty();
    }
  }

  @Test
  void whenItsLastBuildIsCancelledItIsForgotten() throws InterruptedException {
    Choice others = new Choice(0, Set.of("others"), 1, OptionalInt.empty());
    try (TestManager manager = manager(others, Breaker.DEFAULT)) {
      BuildId build = redis.enqueued("ns/repo");
      manager.dispatch();
      redis.cancel.run(build, "", "");
      assertThat(redis.status.read().aside()).isEqualTo(Collections.emptyMap());
    }
  }
}
