package dev.buildman;

import dev.buildman.config.ConfigMap;
import java.time.Duration;

/**
 * How often things happen.
 *
 * @param heartbeat that agents are asked for
 * @param sweep between two sweeps over deadlines
 * @param drain how long a manager that was asked to end keeps its agents' streams
 */
public record Pace(Duration heartbeat, Duration sweep, Duration drain) {

  /** Reads {@code BUILDMAN}'s share. */
  static Pace parse(ConfigMap ours) {
    return new Pace(
        ours.duration("HEARTBEAT", Duration.ofSeconds(2)),
        ours.duration("SWEEP", Duration.ofSeconds(1)),
        ours.duration("DRAIN_TIMEOUT", Duration.ofSeconds(60), Duration.ZERO));
  }
}
