package dev.buildman.runtime;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Named virtual threads that end with their owner, so that none of them meets what the owner closes
 * next. For use by any thread.
 */
public final class Tasks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Tasks.class);

  /** How long {@link #close} waits for those that it interrupted. */
  static final Duration CLOSE_PATIENCE = Duration.ofSeconds(5);

  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** Runs a task on a thread of its own; what it throws is logged. Nothing is run once closed. */
  public void start(String name, Runnable task) {
    Thread thread =
        Thread.ofVirtual()
            .name(name)
            .uncaughtExceptionHandler(Threads::died)
            .unstarted(() -> runUnlessClosed(task));
    running.add(thread);
    thread.start();
  }

  private void runUnlessClosed(Runnable task) {
    try {
      if (!closed) {
        task.run();
      }
    } finally {
      running.remove(Thread.currentThread());
    }
  }

  /** Interrupts what runs, and waits until it has ended, at most five seconds. */
  @Override
  public void close() {
    closed = true;
    running.forEach(Thread::interrupt);
    long begun = System.nanoTime();
    try {
      for (Thread thread : running) {
        Duration left = CLOSE_PATIENCE.minusNanos(System.nanoTime() - begun);
        if (!left.isPositive() || !thread.join(left)) {
          log.warn("task does not end: thread={}, state={}", thread.getName(), thread.getState());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
