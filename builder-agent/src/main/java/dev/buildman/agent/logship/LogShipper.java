package dev.buildman.agent.logship;

import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.link.ManagerException;
import dev.buildman.agent.runtime.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries a build's log to the manager, in the order of the calls. Never fails: when the manager
 * takes no more lines they are dropped, as the session's end is heard elsewhere.
 */
public final class LogShipper implements EngineLog, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LogShipper.class);

  /** Bars that move more often than this are not seen, but are stored. */
  private static final Duration PROGRESS_PAUSE = Duration.ofSeconds(1);

  /** For the last lines when the agent ends. */
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  /** Where lines go; called by one thread. */
  @FunctionalInterface
  public interface Sink {
    /** Returns when these lines are stored, or fails for good. */
    void send(List<String> lines) throws ManagerException, InterruptedException;

    /** Nothing more comes. */
    default void close() {}
  }

  private record Shown(String status, long atNanos) {}

  private final Sink sink;
  private final int batchLimit;
  private final Secrets secrets;
  private final Ticker ticker;
  private final TerminalText terminal;
  private final SecretMask output;
  private final LastLines last = new LastLines();
  private final LogBuffer buffer = new LogBuffer();
  private final Map<String, Shown> progress = new HashMap<>();
  private final Thread thread;

  private LogShipper(Sink sink, int batchLimit, Secrets secrets, Ticker ticker) {
    this.sink = sink;
    this.batchLimit = batchLimit;
    this.secrets = secrets;
    this.ticker = ticker;
    this.terminal = new TerminalText(ticker);
    this.output = new SecretMask(secrets);
    this.thread = Thread.ofVirtual().name("log-shipper").unstarted(this::ship);
  }

  /**
   * Starts one.
   *
   * @param batchLimit how many lines the sink takes at once
   * @param secrets what no line may show
   */
  public static LogShipper start(Sink sink, int batchLimit, Secrets secrets, Ticker ticker) {
    LogShipper shipper = new LogShipper(sink, batchLimit, secrets, ticker);
    shipper.thread.start();
    return shipper;
  }

  @Override
  public synchronized void step(int number, int total, String instruction) {
    endOutput();
    last.clear();
    String text = "Step " + number + "/" + total + " : " + masked(instruction);
    buffer.put(new Entry.Stream(text, true));
  }

  @Override
  public synchronized void output(String text) {
    for (int from = 0; from < text.length(); ) {
      int to = Math.min(text.length(), from + LogBuffer.LONGEST);
      if (to < text.length() && Character.isHighSurrogate(text.charAt(to - 1))) {
        to--;
      }
      stream(output.feed(terminal.feed(text.substring(from, to))));
      from = to;
    }
  }

  /** A line of the agent itself, between what the engine prints. */
  public void line(String text) {
    output(text + "\n");
  }

  @Override
  public synchronized void status(String status) {
    endOutput();
    buffer.put(new Entry.Status(masked(status)));
  }

  @Override
  public synchronized void progress(String id, String status, long current, long total) {
    Shown before = progress.get(id);
    if (before != null
        && before.status.equals(status)
        && current < total
        && ticker.since(before.atNanos).compareTo(PROGRESS_PAUSE) < 0) {
      return;
    }
    progress.put(id, new Shown(status, ticker.nanos()));
    endOutput();
    buffer.put(new Entry.Progress(masked(id), masked(status), current, total));
  }

  /**
   * Waits until all that was written before this call is stored, or the manager takes no more. The
   * end of the output that may be the beginning of a secret is kept back even so.
   */
  public void flush() throws InterruptedException {
    buffer.awaitSent();
  }

  /** Gives out the last lines, for at most five seconds; then drops what is left. */
  @Override
  public void close() {
    synchronized (this) {
      endOutput();
    }
    buffer.close();
    try {
      if (!thread.join(FAREWELL)) {
        log.warn("last log lines are dropped: after={}", FAREWELL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.interrupt();
  }

  private void endOutput() {
    stream(output.feed(terminal.end()));
    stream(output.end());
  }

  private void stream(String text) {
    if (!text.isEmpty()) {
      last.add(text);
      buffer.put(new Entry.Stream(text, false));
    }
  }

  /** The last lines that were printed since the last step began, as they are shown. */
  public synchronized List<String> lastLines() {
    endOutput();
    return last.lines();
  }

  /** A text that stands for itself, without the build's secrets. */
  public String masked(String text) {
    return SecretMask.all(secrets, text);
  }

  private void ship() {
    try {
      List<Entry> batch = buffer.take(batchLimit);
      while (!batch.isEmpty()) {
        sink.send(batch.stream().map(Entry::json).toList());
        buffer.sent(batch.size());
        batch = buffer.take(batchLimit);
      }
    } catch (ManagerException e) {
      log.info("log lines are dropped from here on: failure={}", e.getMessage());
    } catch (InterruptedException e) {
      log.debug("log shipper ends");
    } finally {
      sink.close();
      buffer.discard();
    }
  }
}
