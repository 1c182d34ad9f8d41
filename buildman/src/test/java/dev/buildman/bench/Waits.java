package dev.buildman.bench;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How long single builds wait from CreateBuild, its call and its answer, to something that is
 * heard, when they come at a steady rate. Back to back, each would also wait for what the one
 * before still costs.
 */
final class Waits {
  /** Back to back: what is measured is compiled code. */
  private static final int WARM_UP = 2_000;

  private static final int COUNT = 1_000;
  private static final Duration PERIOD = Duration.ofMillis(40);
  private static final int LIMIT_SECONDS = 30;
  private static final double MILLISECOND = 1e6;

  private final BlockingQueue<Long> heard = new ArrayBlockingQueue<>(1);

  /** What was waited for has come; builds are made one by one, so it is the last one's. */
  void heard() {
    heard.add(System.nanoTime());
  }

  /**
   * A build that could not be made in time, as the one before it was still waited for, counts from
   * when it was due.
   *
   * @param what to which moment
   */
  void measure(BenchManager manager, String what, String aim, Figures figures)
      throws InterruptedException {
    for (int n = 0; n < WARM_UP; n++) {
      manager.create();
      await();
    }
    long[] fromCall = new long[COUNT];
    long[] fromAnswer = new long[COUNT];
    long due = System.nanoTime();
    for (int n = 0; n < COUNT; n++) {
      due += PERIOD.toNanos();
      while (System.nanoTime() - due < 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      manager.create();
      long answered = System.nanoTime();
      long at = await();
      fromCall[n] = at - due;
      fromAnswer[n] = at - answered;
    }
    Arrays.sort(fromCall);
    Arrays.sort(fromAnswer);
    figures.row(
        "CreateBuild → %s, %d builds a second"
            .formatted(what, Duration.ofSeconds(1).dividedBy(PERIOD)),
        String.format(
            Locale.ROOT,
            "median %.1f ms, 99 %% within %.1f ms; from its answer %.1f ms",
            fromCall[COUNT / 2] / MILLISECOND,
            fromCall[COUNT * 99 / 100] / MILLISECOND,
            fromAnswer[COUNT / 2] / MILLISECOND),
        aim);
  }

  private long await() throws InterruptedException {
    Long at = heard.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (at == null) {
      throw new IllegalStateException("nothing was heard of a build");
    }
    return at;
  }
}
