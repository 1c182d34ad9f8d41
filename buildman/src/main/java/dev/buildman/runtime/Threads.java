package dev.buildman.runtime;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Virtual threads with names, so that a thread dump and a log line say whose they are. */
public final class Threads {
  private static final Logger log = LoggerFactory.getLogger(Threads.class);

  private Threads() {}

  /** Starts a virtual thread; what it throws is logged. */
  public static Thread start(String name, Runnable body) {
    return Thread.ofVirtual().name(name).uncaughtExceptionHandler(Threads::died).start(body);
  }

  /** A factory of virtual threads named {@code prefix-0}, {@code prefix-1}... */
  public static ThreadFactory factory(String prefix) {
    return Thread.ofVirtual()
        .name(prefix + "-", 0)
        .uncaughtExceptionHandler(Threads::died)
        .factory();
  }

  /** An executor that gives each task its own virtual thread; closing it waits for its tasks. */
  public static ExecutorService perTask(String prefix) {
    return Executors.newThreadPerTaskExecutor(factory(prefix));
  }

  static void died(Thread thread, Throwable cause) {
    log.error("thread died: thread={}", thread.getName(), cause);
  }
}
