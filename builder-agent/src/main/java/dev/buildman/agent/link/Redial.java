package dev.buildman.agent.link;

import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The pauses before repeats: 0.25 s · 2^n, at most 12 s, ± 20 %, and an end when no repeat helped
 * for the whole reconnect window. One object for all calls; safe for any thread.
 */
final class Redial {
  private static final Duration FIRST = Duration.ofMillis(250);

  /** With its jitter below the 15 s that a manager grants for reconnecting after an outage. */
  private static final Duration LONGEST = Duration.ofSeconds(12);

  private static final double JITTER = 0.2;

  private final Duration window;
  private final Ticker ticker;
  private final Sleeper sleeper;
  private final RandomGenerator random;

  Redial(Duration window, Ticker ticker, Sleeper sleeper, RandomGenerator random) {
    this.window = window;
    this.ticker = ticker;
    this.sleeper = sleeper;
    this.random = random;
  }

  /** Begins to count: now something worked. */
  Series begin() {
    return new Series();
  }

  private Duration pause(int repeats) {
    double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
    double nanos =
        Math.min(LONGEST.toNanos(), FIRST.toNanos() * Math.scalb(1d, Math.min(repeats, 30)));
    return Duration.ofNanos(Math.round(nanos * factor));
  }

  /** The repeats of one thing that has to be done. For one thread. */
  final class Series {
    private long workedAt = ticker.nanos();
    private int repeats;

    private Series() {}

    /** It worked: the window and the pauses begin anew. */
    void worked() {
      workedAt = ticker.nanos();
      repeats = 0;
    }

    /**
     * Waits before the next repeat.
     *
     * @param what the thing, for the message
     * @param failure why it did not work, for the message
     * @throws ManagerException.Lost when nothing has worked for the whole window
     */
    void pause(String what, String failure) throws ManagerException.Lost, InterruptedException {
      Duration without = ticker.since(workedAt);
      if (without.compareTo(window) >= 0) {
        throw new ManagerException.Lost(
            "no manager answered for " + without.toSeconds() + " s: " + what + ": " + failure);
      }
      sleeper.sleep(Redial.this.pause(repeats++));
    }
  }
}
