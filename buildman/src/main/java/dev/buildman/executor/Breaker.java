package dev.buildman.executor;

import dev.buildman.config.ConfigMap;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * When an executor that fails is left alone, and how fast launches may follow each other.
 *
 * @param failures launches that failed one after the other
 * @param openFor how long it then gets no launch
 * @param launchesPerSecond empty: no limit
 */
public record Breaker(int failures, Duration openFor, OptionalDouble launchesPerSecond) {

  /** 5 failures in a row, left alone for 30 s, no limit of launches. */
  public static final Breaker DEFAULT =
      new Breaker(5, Duration.ofSeconds(30), OptionalDouble.empty());

  /** Reads it from an executor's map. */
  public static Breaker parse(ConfigMap map) {
    ConfigMap breaker = map.section("BREAKER");
    Optional<Double> rate = map.number("LAUNCH_RATE", 0.001, 100_000);
    return new Breaker(
        breaker.integer("FAILURES", DEFAULT.failures, 1, 10_000),
        breaker.duration("OPEN_FOR", DEFAULT.openFor),
        rate.map(OptionalDouble::of).orElse(OptionalDouble.empty()));
  }
}
