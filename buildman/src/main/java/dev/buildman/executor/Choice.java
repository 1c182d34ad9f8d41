package dev.buildman.executor;

import dev.buildman.config.ConfigMap;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * When an executor may be chosen for a build.
 *
 * @param minimumRetryThreshold tries that must remain after this one
 * @param namespaceWhitelist namespaces that may use it; empty: all
 * @param stagedRollout share of the namespaces that use it, 0 to 1; the whitelist wins
 * @param maximumWorkers empty: no limit of its own
 */
public record Choice(
    int minimumRetryThreshold,
    Set<String> namespaceWhitelist,
    double stagedRollout,
    OptionalInt maximumWorkers) {

  /** Every build may use it. */
  public static final Choice ANY = new Choice(0, Set.of(), 1.0, OptionalInt.empty());

  public Choice {
    namespaceWhitelist = Set.copyOf(namespaceWhitelist);
    if (!(stagedRollout >= 0 && stagedRollout <= 1)) {
      throw new IllegalArgumentException("STAGED_ROLLOUT is a share from 0 to 1");
    }
  }

  /** Reads it from an executor's map. */
  public static Choice parse(ConfigMap map) {
    Optional<Integer> maximum = map.integer("MAXIMUM_WORKERS", 0, Integer.MAX_VALUE);
    return new Choice(
        map.integer("MINIMUM_RETRY_THRESHOLD", 0, 0, 1000),
        new LinkedHashSet<>(map.texts("NAMESPACE_WHITELIST")),
        map.number("STAGED_ROLLOUT", 1.0, 0, 1),
        maximum.map(OptionalInt::of).orElse(OptionalInt.empty()));
  }
}
