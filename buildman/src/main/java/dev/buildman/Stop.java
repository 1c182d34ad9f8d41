package dev.buildman;

import java.util.concurrent.CountDownLatch;

/**
 * Turns the process's end (SIGTERM, Ctrl-C) into a drain: the JVM waits until the work that was
 * begun by {@link #during} is done.
 */
final class Stop {

  /** Something that runs until it is asked to stop. */
  interface Work {
    int run(Stop stop);
  }

  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread worker;
  private volatile boolean awaited;
  private volatile int status;

  private Stop(Thread worker) {
    this.worker = worker;
  }

  /** Runs the work in this thread and returns its exit status; to be called once in a process. */
  static int during(Work work) {
    Stop stop = new Stop(Thread.currentThread());
    Thread hook = new Thread(stop::end, "stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      stop.status = work.run(stop);
      return stop.status;
    } finally {
      stop.done.countDown();
    }
  }

  /** Waits until the process is asked to end. */
  void await() throws InterruptedException {
    awaited = true;
    asked.await();
  }

  /**
   * Without the halt, a JVM that a signal ended would say so by its status, as if it had failed.
   */
  private void end() {
    if (done.getCount() == 0) {
      return;
    }
    asked.countDown();
    if (!awaited) {
      // It is still starting, perhaps waiting for Redis.
      worker.interrupt();
    }
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(status);
  }
}
