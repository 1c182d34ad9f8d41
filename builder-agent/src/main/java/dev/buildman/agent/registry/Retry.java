package dev.buildman.agent.registry;

import dev.buildman.agent.runtime.Sleeper;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Repeats what failed for a transient reason: 0.5 s, 1 s, 2 s... between tries, or as long as the
 * registry asked for. Never repeats past the settings' tries.
 */
final class Retry {
  private static final Logger log = LoggerFactory.getLogger(Retry.class);
  private static final Duration FIRST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(60);

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

  <T> T run(Operation<T> operation) throws RegistryException, InterruptedException {
    Duration wait = FIRST;
    for (int attempt = 1; ; attempt++) {
      try {
        return operation.run();
      } catch (RegistryException e) {
        if (!e.kind().isTransient() || attempt >= tries) {
          throw e;
        }
        Duration asked = e.retryAfter();
        Duration next = asked != null ? asked : wait;
        log.info("registry request is repeated: in={}, because={}", next, e.getMessage());
        sleeper.sleep(next.compareTo(LONGEST) > 0 ? LONGEST : next);
        wait = wait.multipliedBy(2);
      }
    }
  }
}
