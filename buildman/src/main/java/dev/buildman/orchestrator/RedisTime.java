package dev.buildman.orchestrator;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The clock of the scripts. In production Redis's own, whatever the managers' clocks say; only
 * tests set another one, as an argument of each script.
 */
@FunctionalInterface
public interface RedisTime {
  /** Redis's own clock. */
  RedisTime SERVER = Optional::empty;

  /** The time to use instead of Redis's; empty: Redis's. */
  Optional<Instant> instead();

  /** A clock that stands where its holder was set. Milliseconds count. */
  static RedisTime of(AtomicReference<Instant> holder) {
    return () -> Optional.of(holder.get());
  }
}
