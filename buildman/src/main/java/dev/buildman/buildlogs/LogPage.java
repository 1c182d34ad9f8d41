package dev.buildman.buildlogs;

import java.util.List;

/**
 * A piece of a log.
 *
 * @param from index of the first entry
 * @param length entries that the log has in all at this moment
 */
public record LogPage(long from, List<LogEntry> entries, long length) {
  public LogPage {
    entries = List.copyOf(entries);
  }

  /** Where the next page begins. */
  public long next() {
    return from + entries.size();
  }
}
