package dev.buildman.executor;

import java.time.Duration;
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
}
