package dev.buildman.intake;

import dev.buildman.buildlogs.BuildLogs;
import dev.buildman.buildlogs.LogHints;
import dev.buildman.buildlogs.LogPage;
import dev.buildman.buildlogs.LogTail;
import dev.buildman.model.BuildId;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client's reading of a build's log. Not for use by more than one thread at a time; to be
 * closed.
 *
 * <p>A followed log ends when its build has ended and no line came for a second: our agents send
 * their lines before the phase that ends the build.
 */
public final class LogFollow implements AutoCloseable {

  private static final Duration QUIET = Duration.ofSeconds(1);

  private final BuildReader reader;
  private final BuildId id;
  private final LogTail tail;
  private final boolean follow;
  private final Ticker ticker;
  private boolean ended;
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
    if (page != null && page.closed()) {
      return true;
    }
    if (page != null && ended) {
      return ticker.since(quietSince).compareTo(QUIET) >= 0;
    }
    try {
      ended = reader.record(id).map(record -> record.standing().phase().isTerminal()).orElse(true);
      quietSince = ticker.nanos();
    } catch (OrchestratorAway e) {
      if (Thread.interrupted()) {
        throw new InterruptedException("the client is gone");
      }
    }
    return false;
  }

  @Override
  public void close() {
    tail.close();
  }
}
