package dev.buildman.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.runtime.Sleeper;
import java.time.Duration;
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
}
