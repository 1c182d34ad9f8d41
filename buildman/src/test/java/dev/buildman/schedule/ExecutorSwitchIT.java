package dev.buildman.schedule;

import static dev.buildman.schedule.TestManager.place;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.FailureClass;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.orchestrator.job.ExecutorSwitch;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An operator takes executors out of the chain while managers run. */
@RedisTest
class ExecutorSwitchIT {
  private final FakeExecutor first = new FakeExecutor("first");
  private final FakeExecutor second = new FakeExecutor("second");
  private TestOrchestrator redis;
  private ExecutorSwitch switches;

  @BeforeEach
  void open(TestRedis server) {
    redis = new TestOrchestrator(server).allow(10);
    switches = new ExecutorSwitch(redis.scripts);
  }

  private TestManager manager(String id) {
    return new TestManager(redis.scripts, id, place(first), place(second));
  }

  @Test
  void whatIsOffIsPassedOverByEveryManagerAndOneThatStartsLater() throws InterruptedException {
    try (TestManager running = manager("a")) {
      switches.off(first.name(), "anna: new nodes");
      assertThat(executorOf(running, "ns/one")).isEqualTo(second.name());
      try (TestManager started = manager("b")) {
        assertThat(executorOf(started, "ns/two")).isEqualTo(second.name());
      }
      switches.on(first.name());
      running.chain.sawRoom();
      assertThat(executorOf(running, "ns/three")).isEqualTo(first.name());
    }
    assertThat(redis.reasons(redis.enqueued("ns/four"))).doesNotContain("EXECUTOR_DISABLED");
  }

  @Test
  void whileAllAreOffBuildsWaitForNothingAndSayWhy() throws InterruptedException {
    switches.off(first.name(), "");
    switches.off(second.name(), "");
    try (TestManager manager = manager("a")) {
      BuildId build = redis.enqueued("ns/waits");
      manager.dispatch();

      assertThat(redis.record(build).standing().reason()).isEqualTo("EXECUTOR_DISABLED");
      assertThat(redis.record(build).standing().sentence()).contains("first: is switched off");
      assertThat(redis.record(build).course().counts().tries()).isEqualTo(3);
      assertThat(manager.chain.standstill()).isPresent();
      manager.dispatch();
      assertThat(redis.status.read().slots()).isZero();

      switches.on(second.name());
      redis.advance(Duration.ofSeconds(6));
      redis.due.run(TestOrchestrator.HOST, 10).parked().forEach(redis.wakeParked::run);
      manager.chain.sawRoom();
      manager.dispatch();
      assertThat(redis.jobOf(build).worker().orElseThrow().executor()).isEqualTo(second.name());
    }
  }

  @Test
  void aWalkDoesNotMoveOnToWhatIsOff() throws InterruptedException {
    try (TestManager manager = manager("a")) {
      switches.off(second.name(), "");
      first.failSurely(FailureClass.REFUSED);
      BuildId build = redis.enqueued("ns/refused");
      manager.dispatch();

      assertThat(second.started()).isEmpty();
      assertThat(redis.record(build).course().counts().tries()).isEqualTo(3);
    }
  }

  private ExecutorName executorOf(TestManager manager, String repository)
      throws InterruptedException {
    BuildId build = redis.enqueued(repository);
    manager.dispatch();
    return redis.jobOf(build).worker().orElseThrow().executor();
  }
}
