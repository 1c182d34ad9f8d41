package dev.buildman.executor;

import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Random;
import java.util.function.Supplier;

/** Looks again and again, ever more seldom: for executors that nobody tells of an end. */
final class Looks {
  private static final Backoff BETWEEN =
      new Backoff(Duration.ofMillis(20), Duration.ofSeconds(1), 0.1, new Random());

  private Looks() {}

  /** What was seen last: the first that is not {@link Presence.Present}, or at the limit. */
  static Presence untilGone(Supplier<Presence> look, Duration limit) throws InterruptedException {
    Ticker ticker = Ticker.system();
    long began = ticker.nanos();
    Presence presence = look.get();
    for (int n = 0; presence instanceof Presence.Present; n++) {
      Duration left = limit.minus(ticker.since(began));
      if (!left.isPositive()) {
        break;
      }
      Duration wait = BETWEEN.delay(n);
      Sleeper.system().sleep(wait.compareTo(left) < 0 ? wait : left);
      presence = look.get();
    }
    return presence;
  }
}
