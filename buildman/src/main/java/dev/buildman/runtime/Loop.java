package dev.buildman.runtime;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A named virtual thread that makes one pass after the other until it is closed: at once when
 * {@link #wake woken}, else one interval after the last pass ended.
 *
 * <p>A loop outlives its passes: whatever one throws is logged, and the next one waits for the
 * back-off instead of the interval (a wake-up does not shorten that, so a fault that everybody
 * hints at cannot spin). All methods may be called from any thread.
 */
public final class Loop implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Loop.class);

  /** How long {@link #close} lets a pass go on before it interrupts it. */
  static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

  /** One pass of a loop. */
  @FunctionalInterface
  public interface Pass {
    /** Does what there is to do now, and returns. */
    void runOnce() throws Exception;
  }

  private final String name;
  private final Duration interval;
  private final Backoff onFailure;
  private final Pass pass;
  private final Semaphore signals = new Semaphore(0);
  private final Semaphore closing = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  private Loop(String name, Duration interval, Backoff onFailure, Pass pass) {
    this.name = name;
    this.interval = interval;
    this.onFailure = onFailure;
    this.pass = pass;
    this.thread = Thread.ofVirtual().name(name).unstarted(this::run);
  }

  /**
   * Starts a loop; its first pass begins at once.
   *
   * @param interval from the end of a pass to the start of the next when nobody wakes the loop
   * @param onFailure the waits after passes that threw, counted anew after one that did not
   */
  public static Loop start(String name, Duration interval, Backoff onFailure, Pass pass) {
    Loop loop = new Loop(name, interval, onFailure, pass);
    loop.thread.start();
    return loop;
  }

  /** Asks for a pass soon. Calls during a pass lead to one more pass, however many they are. */
  public void wake() {
    signals.release();
  }

  /**
   * Ends the loop: no pass begins any more, the present one may finish within five seconds and is
   * interrupted after that. Returns when the thread has ended, or after five more seconds with a
   * warning. May be called again, but not from a pass.
   */
  @Override
  public void close() {
    closed = true;
    closing.release();
    signals.release();
    try {
      if (thread.join(CLOSE_PATIENCE)) {
        return;
      }
      thread.interrupt();
      if (!thread.join(CLOSE_PATIENCE)) {
        log.warn("loop does not end: loop={}, state={}", name, thread.getState());
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    int failures = 0;
    while (!closed) {
      failures = passed(failures) ? 0 : failures + 1;
      try {
        if (failures > 0) {
          await(closing, onFailure.delay(failures - 1));
        } else {
          await(signals, interval);
        }
      } catch (InterruptedException e) {
        // Only close() interrupts on purpose; anything else is a stray that ends nothing.
        log.debug("loop interrupted: loop={}", name);
      }
    }
  }

  private boolean passed(int failuresBefore) {
    signals.drainPermits();
    try {
      pass.runOnce();
      return true;
    } catch (Throwable e) {
      // Errors too: a loop that is dead without a word is worse than any of them.
      if (!closed) {
        log.error("pass failed: loop={}, failures={}", name, failuresBefore + 1, e);
      }
      return false;
    }
  }

  private static void await(Semaphore semaphore, Duration span) throws InterruptedException {
    // The outcome does not matter: the loop looks again either way.
    boolean signalled = semaphore.tryAcquire(span.toNanos(), TimeUnit.NANOSECONDS);
    log.trace("loop goes on: signalled={}", signalled);
  }
}
