package dev.buildman.reconcile;

import java.time.Duration;

/**
 * How long what has ended is kept.
 *
 * @param builds records, histories, entries of indexes
 * @param logs build logs; not longer than the builds are kept
 */
public record RetentionSettings(Duration builds, Duration logs) {

  /** A week of both. */
  public static final RetentionSettings DEFAULT =
      new RetentionSettings(Duration.ofDays(7), Duration.ofDays(7));
}
