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
  private HistoryCursor cursor;
  private Optional<Instant> after;

  private BuildWatch(
      BuildReader reader,
      BuildHints hints,
      BuildId id,
      HistoryCursor cursor,
      Optional<Instant> after) {
    this.reader = reader;
    this.hints = hints;
    this.id = id;
    this.cursor = cursor;
    this.after = after;
    hints.add(id, hinted);
  }

  /**
   * What the client has seen of the history.
   *
   * @param cursor of an earlier {@link Change}; empty: see {@code after}
   * @param after all up to this time; empty: nothing
   */
  public record Seen(String cursor, Optional<Instant> after) {
    /** Nothing. */
    public static final Seen NOTHING = new Seen("", Optional.empty());
  }

  /** Begins to watch. */
  public static Answer<BuildWatch> open(
      BuildReader reader, BuildHints hints, String id, Seen seen) {
    Optional<HistoryCursor> cursor = HistoryCursor.parse(seen.cursor());
    if (cursor.isEmpty()) {
      return Answer.Invalid.field("cursor", "give the cursor of an earlier response as it was");
    }
    Optional<Instant> after = seen.cursor().isEmpty() ? seen.after() : Optional.empty();
    return switch (reader.get(id)) {
      case Answer.Done<BuildView>(BuildView view) ->
          new Answer.Done<>(new BuildWatch(reader, hints, view.id(), cursor.get(), after));
      case Answer.Invalid<BuildView>(List<Violation> violations) ->
          new Answer.Invalid<>(violations);
      case Answer.Denied<BuildView>(Answer.Denial denial, String text, String detail) ->
          new Answer.Denied<>(denial, text, detail);
    };
  }

  /**
   * @param build as it is now
   * @param events new ones, oldest first; perhaps none
   * @param cursor where to go on after this change
   */
  public record Change(BuildView build, List<HistoryEntry> events, String cursor) {}

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
      Optional<BuildReading> reading = look();
      if (reading.isEmpty()) {
        return Optional.empty();
      }
      BuildView view = reading.get().view();
      List<HistoryEntry> events = newEvents(reading.get().history());
      BuildView quiet = view.withoutUsage();
      if (!events.isEmpty() || !quiet.equals(last)) {
        last = quiet;
        return Optional.of(new Change(view, events, cursor.toString()));
      }
      awaitHint();
    }
  }

  @SuppressWarnings("ReturnValueIgnored") // told or not, the next thing is to look
  private void awaitHint() throws InterruptedException {
    hinted.tryAcquire(POLL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Optional<BuildReading> look() throws InterruptedException {
    while (true) {
      try {
        return BuildReading.take(() -> reader.find(id), () -> reader.history(id), cursor);
      } catch (OrchestratorAway e) {
        // The watch outlives an outage: the client learns what happened when it is over.
        if (Thread.interrupted()) {
          throw new InterruptedException("the watch was ended");
        }
      }
    }
  }

  private List<HistoryEntry> newEvents(List<HistoryEntry> history) {
    List<HistoryEntry> fresh = cursor.after(history);
    cursor = cursor.over(history);
    Optional<Instant> limit = after;
    after = Optional.empty();
    return limit
        .map(until -> fresh.stream().filter(event -> event.time().isAfter(until)).toList())
        .orElse(fresh);
  }

  @Override
  public void close() {
    hints.remove(id, hinted);
  }
}
