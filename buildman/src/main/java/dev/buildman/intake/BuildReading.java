package dev.buildman.intake;

import dev.buildman.model.HistoryEntry;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A build's record and the history that goes with it.
 *
 * @param history oldest first
 */
record BuildReading(BuildView view, List<HistoryEntry> history) {

  /** How often a build may move under a look before what was read is told as it is. */
  private static final int MOVES = 5;

  /**
   * Reads both: the history after the record, so that an end seen in the record has its line in the
   * history. Where the history is ahead, as the build moved between the two reads, both are read
   * again: nobody shall be told of an event under the phase before it.
   *
   * @param seen what the reader has read of the history; without news in it nothing is read twice
   * @return empty when the build is not there, or no more
   */
  static Optional<BuildReading> take(
      Supplier<Optional<BuildView>> record,
      Supplier<List<HistoryEntry>> history,
      HistoryCursor seen) {
    Optional<BuildView> view = record.get();
    for (int move = 0; view.isPresent(); move++) {
      List<HistoryEntry> read = history.get();
      if (move == MOVES || seen.after(read).isEmpty()) {
        return Optional.of(new BuildReading(view.get(), read));
      }
      Optional<BuildView> now = record.get();
      if (now.map(BuildView::withoutUsage).equals(view.map(BuildView::withoutUsage))) {
        return Optional.of(new BuildReading(view.get(), read));
      }
      view = now;
    }
    return Optional.empty();
  }
}
