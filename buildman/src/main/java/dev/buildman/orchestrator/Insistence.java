package dev.buildman.orchestrator;

import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Sleeper;
import java.time.Duration;
import java.util.Random;
import java.util.function.Supplier;

/**
 * Repeats a command unchanged until Redis answers it, however long that takes: for callers that
 * must know the outcome before they go on. For use by any thread.
 */
public final class Insistence {
  private static final Backoff PAUSES =
      new Backoff(Duration.ofMillis(100), Duration.ofSeconds(2), 0.2, new Random());

  private final Sleeper sleeper;

  public Insistence(Sleeper sleeper) {
    this.sleeper = sleeper;
  }

  /**
   * The answer.
   *
   * @param command with a natural key, so that it may be applied and asked again
   * @throws InterruptedException when the caller no longer wants to know
   */
  public <T> T until(Supplier<T> command) throws InterruptedException {
    for (int repeats = 0; ; repeats++) {
      try {
        return command.get();
      } catch (RedisUnavailable e) {
        sleeper.sleep(PAUSES.delay(repeats));
      }
    }
  }
}
