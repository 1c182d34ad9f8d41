package dev.buildman.buildlogs;

import dev.buildman.model.BuildId;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One reader's place in a log that may still grow. Not for use by more than one thread at a time;
 * to be closed.
 */
public final class LogTail implements AutoCloseable {
  /** A person does not see a smaller delay, and a thousand readers cost 2,000 reads a second. */
  public static final Duration POLL = Duration.ofMillis(500);

  /** Keeps one answer near a megabyte even when all lines are long. */
  static final int PAGE = 100;

  private final BuildLogs logs;
  private final LogHints hints;
  private final BuildId build;
  private final Semaphore hinted = new Semaphore(0);
  private long place;

  /**
   * @param from index of the first entry wanted, from 0
   */
  public LogTail(BuildLogs logs, LogHints hints, BuildId build, long from) {
    this.logs = logs;
    this.hints = hints;
    this.build = build;
    this.place = from;
    hints.add(build, hinted);
  }

  /** What is there beyond the place, which moves on; perhaps nothing. Does not wait. */
  public LogPage read() {
    LogPage page = logs.read(build, place, PAGE);
    place = page.next();
    return page;
  }

  /**
   * As {@link #read}, but when nothing is there it waits for a hint or for {@code patience},
   * whichever is first, and looks once more.
   *
   * @param patience {@link #POLL} for a person
   * @throws InterruptedException when the reader is not wanted any more
   */
  public LogPage await(Duration patience) throws InterruptedException {
    hinted.drainPermits();
    LogPage page = read();
    if (!page.entries().isEmpty()) {
      return page;
    }
    boolean told = hinted.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    return told || patience.isPositive() ? read() : page;
  }

  @Override
  public void close() {
    hints.remove(build, hinted);
  }
}
