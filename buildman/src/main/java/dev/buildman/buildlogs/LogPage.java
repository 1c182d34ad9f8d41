package dev.buildman.buildlogs;

import java.util.ArrayList;
import java.util.List;

/**
 * A piece of a log.
 *
 * @param first index of the first entry; greater than asked for when lines were cut out before it
 * @param entries in order, without gaps
 * @param length entries that the log has in all at this moment, those that were cut out counted
 * @param cut how many were cut out between the asked index and {@code first}
 * @param state whether more may come
 */
public record LogPage(long first, List<LogEntry> entries, long length, long cut, State state) {

  /** What may still be added. */
  public enum State {
    /** Anything. */
    OPEN,
    /** The agent with the last session has sent all its lines. */
    FINISHED,
    /** Nothing. */
    CLOSED
  }

  public LogPage {
    entries = List.copyOf(entries);
  }

  /** The entries for a person: a mark stands where lines were cut out. */
  public List<LogEntry> shown() {
    if (cut == 0) {
      return entries;
    }
    List<LogEntry> shown = new ArrayList<>(entries.size() + 1);
    shown.add(LogEntry.cut(cut));
    shown.addAll(entries);
    return shown;
  }

  /** Where the next page begins. */
  public long next() {
    return first + entries.size();
  }
}
