package dev.buildman.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** How long single builds wait, one after another, from CreateBuild to something that is heard. */
final class Waits {
  private static final int WARM_UP = 2_000;
  private static final int COUNT = 1_000;
  private static final int LIMIT_SECONDS = 30;
  private static final double MILLISECOND = 1e6;

  private final BlockingQueue<Long> heard = new ArrayBlockingQueue<>(1);

  /** What was waited for has come; builds are made one by one, so it is the last one's. */
  void heard() {
    heard.add(System.nanoTime());
  }

  /** The call that makes a build is a part of what is measured. */
  void measure(BenchManager manager, String figure, String aim, Figures figures)
      throws InterruptedException {
    long[] nanos = new long[COUNT];
    for (int n = -WARM_UP; n < COUNT; n++) {
      long begun = System.nanoTime();
      manager.create();
      Long at = heard.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
      if (at == null) {
        throw new IllegalStateException("nothing was heard of a build");
      }
      nanos[Math.max(n, 0)] = at - begun;
    }
    Arrays.sort(nanos);
    figures.row(
        figure,
        String.format(
            Locale.ROOT,
            "median %.1f ms, 99 %% within %.1f ms",
            nanos[COUNT / 2] / MILLISECOND,
            nanos[COUNT * 99 / 100] / MILLISECOND),
        aim);
  }
}
