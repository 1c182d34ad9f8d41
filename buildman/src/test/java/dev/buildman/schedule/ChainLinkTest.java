package dev.buildman.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.Breaker;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.runtime.Sleeper;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ChainLinkTest {
  private final FakeExecutor executor = new FakeExecutor("kube");
  private final AtomicLong nanos = new AtomicLong();
  private final ChainLink link =
      new ChainLink(
          executor, ExecutorSettings.defaults(executor.name()), nanos::get, Sleeper.system());

  @Test
  void whatIsInTheWayIsLookedForAgainUntilItIsGone() {
    executor.isInTheWay("no right to create jobs.", "no right to list pods.");
    link.check();
    assertThat(link.trouble()).isEqualTo("no right to create jobs. no right to list pods.");
    executor.isInTheWay();
    link.check();
    assertThat(link.trouble()).isEmpty();
    executor.isInTheWay("nobody looks for this");
    link.check();
    assertThat(link.trouble()).isEmpty();
    assertThat(executor.checks()).isEqualTo(2);
  }

  @Test
  void aFailedLaunchSaysMoreThanTheLookBeforeAndAGoodOneTakesItsWordsBack() {
    executor.isInTheWay("the cluster cannot be reached.");
    link.check();
    link.circuit().failed("quota exceeded");
    assertThat(link.trouble()).isEqualTo("quota exceeded");
    link.circuit().worked();
    assertThat(link.trouble()).isEqualTo("the cluster cannot be reached.");
  }

  @Test
  void whatWasInTheWayOfALaunchLongAgoIsNotToldAnyMore() {
    link.circuit().failed("quota exceeded");
    nanos.addAndGet(Duration.ofMinutes(9).toNanos());
    assertThat(link.trouble()).isEqualTo("quota exceeded");
    nanos.addAndGet(Duration.ofMinutes(2).toNanos());
    assertThat(link.trouble()).isEmpty();
  }

  @Test
  void launchesThatWaitForTheRateAreTold() throws InterruptedException {
    Breaker twoASecond =
        new Breaker(Breaker.DEFAULT.failures(), Breaker.DEFAULT.openFor(), OptionalDouble.of(2));
    Circuit circuit = new Circuit(executor.name(), twoASecond, nanos::get, _ -> {});
    for (int n = 0; n < 2; n++) {
      assertThat(circuit.acquire(executor.name())).isEmpty();
    }
    assertThat(circuit.trouble()).isEmpty();
    for (int n = 0; n < 4; n++) {
      assertThat(circuit.acquire(executor.name())).isEmpty();
    }
    assertThat(circuit.trouble()).startsWith("LAUNCH_RATE lets 2 start in 1000 ms: ");
  }
}
