package dev.buildman.agent.registry;

import dev.buildman.agent.runtime.Sleeper;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats what failed for a transient reason: after 0.5 s, 1 s, 2 s..., each a fifth more or less
 * so that many agents do not come back at once, or as long as the registry asked for, a minute at
 * most. Tries are counted while nothing moves: a transfer that gets on between its failures is
 * never given up.
 */
final class Retry {
  private static final Logger log = LoggerFactory.getLogger(Retry.class);
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(60);

  /** What counts as getting on: less could be a registry that ends each answer at once. */
  private static final long PROGRESS = 64 << 10;

  /** What is done, whole, at each try. */
  @FunctionalInterface
  interface Operation<T> {
    T run() throws RegistryException, InterruptedException;
  }

  private final int tries;
  private final Sleeper sleeper;

  Retry(int tries, Sleeper sleeper) {
    this.tries = tries;
    this.sleeper = sleeper;
  }

  /** Whether anything is repeated at all. */
  boolean repeats() {
    return tries > 1;
  }

  <T> T run(Operation<T> operation) throws RegistryException, InterruptedException {
    return run(operation, () -> 0);
  }

  /**
   * @param moved bytes that need not travel again
   */
  <T> T run(Operation<T> operation, LongSupplier moved)
      throws RegistryException, InterruptedException {
    Series series = begin();
    while (true) {
      try {
        return operation.run();
      } catch (RegistryException e) {
        series.pause(e, moved.getAsLong());
      }
    }
  }

  Series begin() {
    return new Series();
  }

  /** The tries of one operation. For one thread. */
  final class Series {
    private int failures;
    private long reached;
    private Duration wait = FIRST;

    /**
     * Waits before the next try.
     *
     * @param moved bytes that need not travel again
     * @throws RegistryException the failure itself when there is no next try
     */
    void pause(RegistryException failure, long moved)
        throws RegistryException, InterruptedException {
      if (!failure.kind().isTransient()) {
        throw failure;
      }
      if (moved - reached >= PROGRESS) {
        reached = moved;
        failures = 0;
        wait = FIRST;
      }
      if (++failures >= tries) {
        throw failure;
      }
      Duration asked = failure.retryAfter();
      Duration next = asked != null ? asked : spread(wait);
      Duration pause = next.compareTo(LONGEST) > 0 ? LONGEST : next;
      log.info("registry request is repeated: in={}, because={}", pause, failure.getMessage());
      sleeper.sleep(pause);
      wait = wait.multipliedBy(2);
    }

    private static Duration spread(Duration wait) {
      return Duration.ofMillis(
          Math.round(wait.toMillis() * ThreadLocalRandom.current().nextDouble(0.8, 1.2)));
    }
  }
}
