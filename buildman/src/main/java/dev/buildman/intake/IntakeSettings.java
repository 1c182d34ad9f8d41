package dev.buildman.intake;

import java.time.Duration;
import java.util.Optional;

/**
 * What a request that does not say gets.
 *
 * @param registry host[:port] to push to; empty: each request must name one
 * @param tries paid chances
 * @param timeout from an agent's registration to the end; empty: none
 */
public record IntakeSettings(String registry, int tries, Optional<Duration> timeout) {

  private static final int TRIES = 3;

  /** Three tries as Quay's, no registry, no time limit. */
  public static IntakeSettings defaults() {
    return new IntakeSettings("", TRIES, Optional.empty());
  }
}
