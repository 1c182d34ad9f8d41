package dev.buildman.intake;

import dev.buildman.model.BuildId;
import dev.buildman.model.HistoryEntry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's view of a build that changes. Not for use by more than one thread at a time; to be
 * closed.
 *
 * <p>Hints make it prompt, a look every two seconds makes it right.
 */
public final class BuildWatch implements AutoCloseable {

  private static final Duration POLL = Duration.ofSeconds(2);

  private final BuildReader reader;
  private final BuildHints hints;
  private final BuildId id;
  private final Semaphore hinted = new Semaphore(0);
  private @Nullable BuildView last;
  private List<HistoryEntry> seen = List.of();
  private @Nullable Instant after;

  private BuildWatch(BuildReader reader, BuildHints hints, BuildId id, @Nullable Instant after) {
    this.reader = reader;
    this.hints = hints;
    this.id = id;
    this.after = after;
    hints.add(id, hinted);
  }

  /**
   * Begins to watch.
   *
   * @param after the client has seen the history up to this time; empty: nothing of it
   */
  public static Answer<BuildWatch> open(
      BuildReader reader, BuildHints hints, String id, Optional<Instant> after) {
    return switch (reader.get(id)) {
      case Answer.Done<BuildView>(BuildView view) ->
          new Answer.Done<>(new BuildWatch(reader, hints, view.id(), after.orElse(null)));
      case Answer.Invalid<BuildView>(List<Violation> violations) ->
          new Answer.Invalid<>(violations);
      case Answer.Denied<BuildView>(Answer.Denial denial, String text, String detail) ->
          new Answer.Denied<>(denial, text, detail);
    };
  }

  /**
   * @param build as it is now
   * @param events new ones, oldest first; perhaps none
   */
  public record Change(BuildView build, List<HistoryEntry> events) {}

  /**
   * Waits for the next change; the first call answers at once.
   *
   * @return empty after the terminal phase was told, or when the build was retired
   * @throws InterruptedException when the client is gone
   */
  public Optional<Change> next() throws InterruptedException {
    BuildView told = last;
    if (told != null && told.standing().phase().isTerminal()) {
      return Optional.empty();
    }
    while (true) {
      hinted.drainPermits();
      // The history after the record: an end seen in the record has its line in the history.
      Optional<BuildView> view = look();
      if (view.isEmpty()) {
        return Optional.empty();
      }
      List<HistoryEntry> events = newEvents(reader.history(id));
      if (!events.isEmpty() || !view.get().equals(last)) {
        last = view.get();
        return Optional.of(new Change(view.get(), events));
      }
      awaitHint();
    }
  }

  @SuppressWarnings("ReturnValueIgnored") // told or not, the next thing is to look
  private void awaitHint() throws InterruptedException {
    hinted.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Optional<BuildView> look() throws InterruptedException {
    while (true) {
      try {
        return reader.find(id);
      } catch (OrchestratorAway e) {
        // The watch outlives an outage: the client learns what happened when it is over.
        if (Thread.interrupted()) {
          throw new InterruptedException("the watch was ended");
        }
      }
    }
  }

  private List<HistoryEntry> newEvents(List<HistoryEntry> history) {
    List<HistoryEntry> fresh = history.subList(overlap(seen, history), history.size());
    seen = history;
    Instant limit = after;
    if (limit != null) {
      after = null;
      return fresh.stream().filter(event -> event.time().isAfter(limit)).toList();
    }
    return List.copyOf(fresh);
  }

  /** How many of the history's first entries are the last ones of what was seen. */
  static int overlap(List<HistoryEntry> seen, List<HistoryEntry> history) {
    for (int dropped = 0; dropped <= seen.size(); dropped++) {
      List<HistoryEntry> kept = seen.subList(dropped, seen.size());
      if (kept.size() <= history.size() && history.subList(0, kept.size()).equals(kept)) {
        return kept.size();
      }
    }
    return 0;
  }

  @Override
  public void close() {
    hints.remove(id, hinted);
  }
}
