package dev.buildman.session;

import dev.buildman.buildlogs.LogHints;
import dev.buildman.buildlogs.LogWriter;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.AgentKind;
import dev.buildman.runtime.Ticker;
import dev.buildman.token.Grant;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Stores agents' log lines. Never blocks: runs on network threads. Thread-safe. */
public final class LogLines {
  /** A line says that its agent lives, as a heartbeat does; not every line needs to say so. */
  private static final Duration LIFE_SIGN = Duration.ofSeconds(1);

  private final LogWriter logs;
  private final Heartbeats heartbeats;
  private final Patience patience;
  private final AgentLines lines;
  private final LogHints hints;
  private final Metrics metrics;

  public LogLines(
      Stores stores, Heartbeats heartbeats, Patience patience, Metrics metrics, LineForm form) {
    this.logs = stores.logs();
    this.hints = stores.hints();
    this.heartbeats = heartbeats;
    this.patience = patience;
    this.metrics = metrics;
    this.lines = new AgentLines(form.maxLine(), form.clock());
  }

  /** Where lines go, and who is told. */
  public record Stores(LogWriter logs, LogHints hints) {}

  /**
   * @param maxLine bytes of one entry
   */
  public record LineForm(int maxLine, InstantSource clock) {}

  /** The lines of one stream of one agent. Not for use by more than one thread at a time. */
  public Feed feed(Ticker ticker) {
    return new Feed(ticker);
  }

  /** Remembers when its agent was last seen to live. */
  public final class Feed {
    private final Ticker ticker;
    private long lastLifeSign;
    private volatile Grant.@Nullable Job sender;

    private Feed(Ticker ticker) {
      this.ticker = ticker;
      this.lastLifeSign = ticker.nanos() - LIFE_SIGN.toNanos();
    }

    /**
     * Stores lines; what is stored already is acknowledged again. The next call must wait for the
     * answer. While Redis is away the agent is held as by {@link Heartbeats#beat}, so nothing is
     * dropped.
     *
     * @param last number of the last line
     * @param messages as the agent sent them
     * @param gone whether nobody waits for the answer any more
     * @return fails with {@link StoreAway}
     */
    public CompletionStage<LogAnswer> store(
        Grant.Job grant, long last, List<String> messages, BooleanSupplier gone) {
      if (last < messages.size()) {
        return CompletableFuture.completedFuture(new LogAnswer(false, last));
      }
      sender = grant;
      List<String> entries = lines.entries(messages);
      boolean forever = grant.agent() == AgentKind.QUAY;
      signLife(grant);
      return patience
          .holdAsync(() -> logs.append(grant.session(), last, entries), forever, gone)
          .thenApply(appended -> answer(grant, last, entries, appended));
    }

    /**
     * The stream is over and its lines are stored: readers of an ended build need not wait for
     * more. A broken stream of ours is opened again; Quay's never is.
     */
    public void finished(boolean broken) {
      Grant.Job grant = sender;
      if (grant == null || (broken && grant.agent() != AgentKind.QUAY)) {
        return;
      }
      patience
          .holdAsync(() -> logs.finish(grant.session()), false, () -> false)
          .whenComplete((done, failure) -> hints.grown(grant.build()));
    }

    private void signLife(Grant.Job grant) {
      long now = ticker.nanos();
      if (now - lastLifeSign >= LIFE_SIGN.toNanos()) {
        lastLifeSign = now;
        // Its outcome does not matter here: the log's own session decides about the lines.
        heartbeats.signOfLife(grant);
      }
    }
  }

  private LogAnswer answer(
      Grant.Job grant, long last, List<String> entries, LogWriter.Appended appended) {
    if (!(appended instanceof LogWriter.Appended.Stored(long sequence))) {
      return new LogAnswer(false, last);
    }
    metrics.logStored(entries.size(), entries.stream().mapToLong(String::length).sum());
    hints.grown(grant.build());
    return new LogAnswer(true, sequence);
  }
}
