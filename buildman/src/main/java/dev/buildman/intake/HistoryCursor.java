package dev.buildman.intake;

import dev.buildman.model.HistoryEntry;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far a reader has read a build's history. Its text is opaque to clients.
 *
 * @param number of the last event that was read; 0: none
 * @param mark of that event: after a failover that lost it, its number is given to another one
 */
record HistoryCursor(long number, int mark) {
  static final HistoryCursor START = new HistoryCursor(0, 0);

  private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})\\.([0-9a-f]{8})");

  /** Empty: it is none of ours. */
  static Optional<HistoryCursor> parse(String text) {
    if (text.isEmpty()) {
      return Optional.of(START);
    }
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new HistoryCursor(
                Long.parseLong(matcher.group(1)), HexFormat.fromHexDigits(matcher.group(2))))
        : Optional.empty();
  }

  private static HistoryCursor at(HistoryEntry entry) {
    String mark = entry.time().toEpochMilli() + entry.reason() + entry.attempt() + entry.executor();
    return new HistoryCursor(entry.number(), mark.hashCode());
  }

  /**
   * The events after it. All of them when the event that it stands for is not there: rather twice
   * than never.
   *
   * @param history oldest first, without gaps
   */
  List<HistoryEntry> after(List<HistoryEntry> history) {
    if (history.isEmpty() || number < history.getFirst().number()) {
      return history;
    }
    long index = number - history.getFirst().number();
    if (index >= history.size() || !at(history.get((int) index)).equals(this)) {
      return history;
    }
    return history.subList((int) index + 1, history.size());
  }

  /** After all of these. */
  HistoryCursor over(List<HistoryEntry> history) {
    return history.isEmpty() ? this : at(history.getLast());
  }

  @Override
  public String toString() {
    return number + "." + HexFormat.of().toHexDigits(mark);
  }
}
