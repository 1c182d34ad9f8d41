package dev.buildman.buildlogs;

import dev.buildman.model.BuildId;

/** Where logs are read from: the live store, or an archive. Thread-safe, blocking. */
public interface BuildLogs {
  /**
   * At most {@code max} entries from an index on; none when the log is not that long or does not
   * exist.
   *
   * @param from from 0
   * @throws RuntimeException when the store does not answer; reading again is always safe
   */
  LogPage read(BuildId build, long from, int max);
}
