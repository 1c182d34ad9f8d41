package dev.buildman.runtime;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a repeat: {@code first} · 2^n, at most {@code max}, then spread by ±
 * {@code jitter} so that many that failed together do not return together.
 *
 * @param first the wait before the first repeat; positive
 * @param max the bound of the wait before it is spread; not below {@code first}
 * @param jitter the share by which a wait is spread, from 0 to 1: 0.2 gives 80 % to 120 %
 * @param random the source of the spread; shared by the callers' threads, so it must be safe for
 *     that
 */
public record Backoff(Duration first, Duration max, double jitter, RandomGenerator random) {

  public Backoff {
    if (!first.isPositive() || max.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "back-off from " + first + " to " + max + ": must be positive and must not shrink");
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("jitter " + jitter + ": must be from 0 to 1");
    }
  }

  /**
   * The wait before repeat number {@code repeats}, counted from 0; each call draws anew.
   *
   * @throws IllegalArgumentException when the number is negative
   */
  public Duration delay(int repeats) {
    if (repeats < 0) {
      throw new IllegalArgumentException("repeats " + repeats + ": must not be negative");
    }
    double spread = 1 - jitter + 2 * jitter * random.nextDouble();
    // 2^62 of anything is above any maximum that fits into a long.
    double nanos = Math.min(max.toNanos(), first.toNanos() * Math.scalb(1d, Math.min(repeats, 62)));
    return Duration.ofNanos(Math.round(nanos * spread));
  }
}
