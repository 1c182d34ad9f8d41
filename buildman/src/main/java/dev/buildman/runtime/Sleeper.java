package dev.buildman.runtime;

import java.time.Duration;

/** Waiting as a dependency, so that a test decides how long it takes. */
@FunctionalInterface
public interface Sleeper {

  /**
   * Returns when the span has passed; at once for zero or less.
   *
   * @throws InterruptedException when the thread was interrupted before or meanwhile
   */
  void sleep(Duration span) throws InterruptedException;

  /** Really sleeps. */
  static Sleeper system() {
    return Thread::sleep;
  }
}
