package dev.buildman.reconcile;

import java.time.Duration;

/**
 * How long what has ended is kept.
 *
 * @param builds records, histories, entries of indexes
 * @param logs build logs; not longer than the builds are kept
 * @param sources uploaded sources, after the last build that names them ended
 */
public record RetentionSettings(Duration builds, Duration logs, Duration sources) {

  /** A week of builds and logs, a day of sources. */
  public static final RetentionSettings DEFAULT =
      new RetentionSettings(Duration.ofDays(7), Duration.ofDays(7), Duration.ofDays(1));
}
