package dev.buildman.intake;

import dev.buildman.buildlogs.BuildLogs;
import dev.buildman.buildlogs.LogHints;
import dev.buildman.buildlogs.LogPage;
import dev.buildman.buildlogs.LogTail;
import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.queue.BuildRecord;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client's reading of a build's log. Not for use by more than one thread at a time; to be
 * closed.
 *
 * <p>A followed log ends when it is closed: once the build's worker is seen gone, thirty seconds
 * after the build's end at the latest. Where its agent has said before that no line will come, the
 * reader need not wait for that.
 */
public final class LogFollow implements AutoCloseable {

  /** What the manager itself notes at a build's end may come a moment after it. */
  private static final Duration LAST_NOTES = Duration.ofMillis(500);

  /** Beyond the thirty seconds: should nobody close the log, its reader is let go all the same. */
  private static final Duration LONGEST = Duration.ofSeconds(40);

  private final BuildReader reader;
  private final BuildId id;
  private final LogTail tail;
  private final boolean follow;
  private final Ticker ticker;
  private boolean ended;
  private boolean wordless;
  private long quietSince;

  private LogFollow(BuildReader reader, BuildId id, LogTail tail, boolean follow, Ticker ticker) {
    this.reader = reader;
    this.id = id;
    this.tail = tail;
    this.follow = follow;
    this.ticker = ticker;
  }

  /** Where logs are read. */
  public record Logs(BuildLogs logs, LogHints hints, Ticker ticker) {}

  /**
   * Begins to read.
   *
   * @param from first entry wanted, from 0
   * @param follow go on until the build has ended; else only what is there
   */
  public static Answer<LogFollow> open(
      BuildReader reader, Logs logs, String id, long from, boolean follow) {
    Optional<BuildId> build = BuildReader.parse(id);
    if (build.isEmpty()) {
      return BuildReader.malformed(id);
    }
    if (from < 0) {
      return Answer.Invalid.field("from", "it must be 0 or more");
    }
    if (reader.record(build.get()).isEmpty()) {
      return Answer.unknown(id);
    }
    LogTail tail = new LogTail(logs.logs(), logs.hints(), build.get(), from);
    return new Answer.Done<>(new LogFollow(reader, build.get(), tail, follow, logs.ticker()));
  }

  /**
   * Waits for the next entries, at least one.
   *
   * @return empty at the log's end
   * @throws InterruptedException when the client is gone
   * @throws OrchestratorAway when a log that is not followed cannot be read
   */
  public Optional<LogPage> next() throws InterruptedException {
    while (true) {
      LogPage page = page();
      if (page != null && !page.entries().isEmpty()) {
        quietSince = ticker.nanos();
        return Optional.of(page);
      }
      if (!follow || isOver(page)) {
        return Optional.empty();
      }
    }
  }

  private @Nullable LogPage page() throws InterruptedException {
    try {
      return follow ? tail.await(LogTail.POLL) : tail.read();
    } catch (RedisUnavailable e) {
      if (!follow) {
        throw new OrchestratorAway(e);
      }
      return null;
    }
  }

  private boolean isOver(@Nullable LogPage page) throws InterruptedException {
    if (page == null) {
      return false;
    }
    if (page.state() == LogPage.State.CLOSED) {
      return true;
    }
    if (!ended) {
      look();
      return false;
    }
    boolean said = wordless || page.state() == LogPage.State.FINISHED;
    return ticker.since(quietSince).compareTo(said ? LAST_NOTES : LONGEST) >= 0;
  }

  private void look() throws InterruptedException {
    try {
      Optional<BuildRecord> record = reader.record(id);
      ended = record.map(build -> build.standing().phase().isTerminal()).orElse(true);
      // Without a session there was nobody to send a line.
      wordless = record.map(build -> build.course().counts().session() == 0).orElse(true);
      quietSince = ticker.nanos();
    } catch (OrchestratorAway e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("the client is gone");
      }
    }
  }

  @Override
  public void close() {
    tail.close();
  }
}
