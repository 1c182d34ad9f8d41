package dev.buildman.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.runtime.ManualTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class LeaseTest {
  private static final Duration LENGTH = Duration.ofSeconds(60);
  private static final Duration MARGIN = Duration.ofSeconds(5);
  private static final SessionEnd STOPPED = new SessionEnd(SessionEnd.Kind.STOPPED, "cancelled");

  private final ManualTime time = new ManualTime();
  private final Lease lease = new Lease(LENGTH, Lease.Moment.now(time, time), time, time);

  @Test
  void holdsUntilItsLengthLessTheMargin() {
    time.advance(Duration.ofSeconds(54));
    assertThat(lease.good(MARGIN)).isTrue();

    time.advance(Duration.ofSeconds(1));
    assertThat(lease.good(MARGIN)).isFalse();
  }

  @Test
  void isCountedFromWhenTheBeatWasSentNotFromItsAnswer() {
    Lease.Moment sent = lease.now();
    time.advance(Duration.ofSeconds(40));
    lease.renew(sent);
    time.advance(Duration.ofSeconds(15));

    assertThat(lease.good(MARGIN)).isFalse();
  }

  @Test
  void aSuspendedMachineLosesItThoughItsMonotonicClockStoodStill() {
    time.stepWallClock(Duration.ofSeconds(70));

    assertThat(lease.good(MARGIN)).isFalse();
  }

  @Test
  void aWallClockThatIsSetBackDoesNotLengthenIt() {
    time.stepWallClock(Duration.ofMinutes(-10));
    time.advance(Duration.ofSeconds(56));

    assertThat(lease.good(MARGIN)).isFalse();
  }

  @Test
  void itsFirstEndCounts() {
    lease.end(STOPPED);
    lease.end(new SessionEnd(SessionEnd.Kind.MANAGER_LOST, "later"));
    lease.renew(lease.now());

    assertThat(lease.ended()).contains(STOPPED);
    assertThat(lease.good(Duration.ZERO)).isFalse();
  }

  @Test
  void whoWaitsForItGoesOnWithTheNextGoodBeat() {
    time.advance(LENGTH);
    CompletableFuture<Optional<SessionEnd>> waiting = new CompletableFuture<>();
    Thread thread = waitIn(waiting);
    await().until(() -> thread.getState() == Thread.State.WAITING);

    lease.renew(lease.now());

    assertThat(waiting).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(Optional.empty());
  }

  @Test
  void whoWaitsForItHearsItsEnd() {
    time.advance(LENGTH);
    CompletableFuture<Optional<SessionEnd>> waiting = new CompletableFuture<>();
    Thread thread = waitIn(waiting);
    await().until(() -> thread.getState() == Thread.State.WAITING);

    lease.end(STOPPED);

    assertThat(waiting).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(Optional.of(STOPPED));
  }

  private Thread waitIn(CompletableFuture<Optional<SessionEnd>> answer) {
    return Thread.ofVirtual()
        .start(
            () -> {
              try {
                answer.complete(lease.awaitGood(MARGIN));
              } catch (InterruptedException e) {
                answer.completeExceptionally(e);
              }
            });
  }
}
