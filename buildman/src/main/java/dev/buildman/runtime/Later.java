package dev.buildman.runtime;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Doing something after a while without a thread that waits, as a dependency. */
@FunctionalInterface
public interface Later {

  /**
   * Runs the task once the span has passed, on a thread that must not be blocked. What it throws is
   * lost.
   */
  void run(Duration after, Runnable task);

  /** Really waits; the tasks run on the JDK's common pool. */
  static Later system() {
    return (after, task) ->
        CompletableFuture.delayedExecutor(after.toNanos(), TimeUnit.NANOSECONDS).execute(task);
  }
}
