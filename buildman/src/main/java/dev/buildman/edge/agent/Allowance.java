package dev.buildman.edge.agent;

import dev.buildman.runtime.Ticker;
import java.time.Duration;

/** How much of something is still allowed: fills up steadily to a bound. Thread-safe. */
final class Allowance {
  /**
   * @param perSecond what comes back in a second
   * @param burst what may be used at once after a rest
   */
  record Rate(double perSecond, double burst) {}

  private final Rate rate;
  private final Ticker ticker;
  private double left;
  private long looked;

  Allowance(Rate rate, Ticker ticker) {
    this.rate = rate;
    this.ticker = ticker;
    this.left = rate.burst();
    this.looked = ticker.nanos();
  }

  /** Uses one; false: there is none. */
  synchronized boolean take() {
    refill();
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }

  /** Uses so many in any case, and says how long to rest until there is some again. */
  synchronized Duration spend(double amount) {
    refill();
    left -= amount;
    return left >= 0 ? Duration.ZERO : Duration.ofNanos(Math.round(-left / rate.perSecond() * 1e9));
  }

  private void refill() {
    long now = ticker.nanos();
    left = Math.min(rate.burst(), left + (now - looked) / 1e9 * rate.perSecond());
    looked = now;
  }
}
