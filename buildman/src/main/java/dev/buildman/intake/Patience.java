package dev.buildman.intake;

import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Repeats a command while Redis is away, for a moment: a restart of Redis takes seconds, and a
 * client should not see it.
 *
 * <p>Safe because every command is a read or has its natural key.
 */
public final class Patience {

  private static final Duration LIMIT = Duration.ofSeconds(8);
  private static final Duration PAUSE = Duration.ofMillis(250);

  private final Ticker ticker;
  private final Sleeper sleeper;

  /** Waits by these. */
  public Patience(Ticker ticker, Sleeper sleeper) {
    this.ticker = ticker;
    this.sleeper = sleeper;
  }

  /** The command's answer; {@link OrchestratorAway} when there was none for eight seconds. */
  <T> T call(Supplier<T> command) {
    long began = ticker.nanos();
    while (true) {
      try {
        return command.get();
      } catch (RedisUnavailable e) {
        if (ticker.since(began).compareTo(LIMIT) > 0) {
          throw new OrchestratorAway(e);
        }
        pause(e);
      }
    }
  }

  private void pause(RedisUnavailable cause) {
    try {
      sleeper.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OrchestratorAway(cause);
    }
  }
}
