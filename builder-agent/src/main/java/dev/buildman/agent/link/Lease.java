package dev.buildman.agent.link;

import dev.buildman.agent.runtime.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The agent's own view of its right to this build. Fencing the manager's state alone would not
 * fence the registry: who may have been replaced must stop pushing by itself.
 *
 * <p>The lease is counted from when the beat was sent, not from when its answer came, and by the
 * larger of monotonic and wall clock: the one stands still while a machine is suspended, the other
 * may be set back. Safe for any thread.
 */
public final class Lease {
  private final Duration length;
  private final Ticker ticker;
  private final InstantSource wallClock;
  private Moment lastGood;
  private @Nullable SessionEnd end;

  /** When something was sent, by both clocks. */
  record Moment(long nanos, Instant wall) {
    static Moment now(Ticker ticker, InstantSource wallClock) {
      return new Moment(ticker.nanos(), wallClock.instant());
    }
  }

  /**
   * @param length how long one good beat holds it
   * @param begun when the session was asked for
   */
  Lease(Duration length, Moment begun, Ticker ticker, InstantSource wallClock) {
    this.length = length;
    this.ticker = ticker;
    this.wallClock = wallClock;
    this.lastGood = begun;
  }

  /** The present moment, to be remembered when a beat is sent. */
  Moment now() {
    return Moment.now(ticker, wallClock);
  }

  /** A beat that was sent at this moment was answered with yes. */
  synchronized void renew(Moment sent) {
    lastGood = sent;
    notifyAll();
  }

  /** The session is over; the first end counts. */
  synchronized void end(SessionEnd reason) {
    if (end == null) {
      end = reason;
      notifyAll();
    }
  }

  /** How long one good beat holds it. */
  public Duration length() {
    return length;
  }

  /** Waits for the end of the session. */
  public synchronized SessionEnd awaitEnd() throws InterruptedException {
    while (end == null) {
      wait();
    }
    return end;
  }

  /** Why the session is over, empty while it is not. */
  public synchronized Optional<SessionEnd> ended() {
    return Optional.ofNullable(end);
  }

  /** How old the last good beat is, by the clock that says more. */
  synchronized Duration age() {
    Duration monotonic = ticker.since(lastGood.nanos);
    Duration wall = Duration.between(lastGood.wall, wallClock.instant());
    return monotonic.compareTo(wall) >= 0 ? monotonic : wall;
  }

  /**
   * Waits until the lease is good for at least the margin.
   *
   * @param margin how long what follows may take at most
   * @return empty when it is good; the reason when the session is over
   */
  public synchronized Optional<SessionEnd> awaitGood(Duration margin) throws InterruptedException {
    while (end == null && !good(margin)) {
      // Only a good beat or the end changes it, and both notify.
      wait();
    }
    return Optional.ofNullable(end);
  }

  /** Whether the session is not over and the lease is good for at least the margin. */
  public synchronized boolean good(Duration margin) {
    return end == null && age().plus(margin).compareTo(length) < 0;
  }
}
