package dev.buildman.reconcile;

import dev.buildman.executor.ExecutionName;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Remembers since when something looks wrong. One look proves nothing: lists lag behind (E9, K17).
 */
final class Sightings {
  /** Between the first sight and the one that is acted on. */
  static final Duration APART = Duration.ofSeconds(60);

  private final Ticker ticker;
  private final Map<ExecutionName, Long> since = new HashMap<>();

  Sightings(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Notes a sight; true when the first one was long enough ago. */
  boolean again(ExecutionName name) {
    long first = since.computeIfAbsent(name, _ -> ticker.nanos());
    return ticker.since(first).compareTo(APART) >= 0;
  }

  /** Forgets what this look did not meet. */
  void keep(Set<ExecutionName> met) {
    since.keySet().retainAll(met);
  }
}
