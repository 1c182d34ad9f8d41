package dev.buildman.intake;

import dev.buildman.config.ConfigMap;
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
  private static final int MOST_TRIES = 100;

  /** Three tries as Quay's, no registry, no time limit. */
  public static IntakeSettings defaults() {
    return new IntakeSettings("", TRIES, Optional.empty());
  }

  /**
   * Reads the keys.
   *
   * @param top of the file, where Quay's own keys stand
   * @param buildman the section BUILDMAN
   */
  public static IntakeSettings parse(ConfigMap top, ConfigMap buildman) {
    return new IntakeSettings(
        top.text("SERVER_HOSTNAME", ""),
        buildman.integer("TRIES", TRIES, 1, MOST_TRIES),
        buildman.duration("BUILD_TIMEOUT"));
  }
}
