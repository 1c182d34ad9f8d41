package dev.buildman.runtime;

import java.time.Duration;

/**
 * A clock for spans: nanoseconds that never go back, counted from an arbitrary origin. Dates come
 * from {@link java.time.InstantSource}.
 */
@FunctionalInterface
public interface Ticker {

  /** The present reading; only the difference of two readings of the same ticker has a meaning. */
  long nanos();

  /** The span from an earlier reading of this ticker until now. */
  default Duration since(long earlierNanos) {
    return Duration.ofNanos(nanos() - earlierNanos);
  }

  /** The ticker of the JVM. It stands still while the machine is suspended. */
  static Ticker system() {
    return System::nanoTime;
  }
}
