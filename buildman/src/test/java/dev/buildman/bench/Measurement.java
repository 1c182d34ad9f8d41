package dev.buildman.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.awaitility.Awaitility;

/**
 * Measures what a fleet does as fast as it is answered.
 *
 * @param aim per second
 * @param enough operations to warm up the manager's compiler, and as many to measure
 */
record Measurement(String figure, String aim, long enough) {
  private static final Duration LEAST = Duration.ofSeconds(5);
  private static final Duration MOST = Duration.ofSeconds(40);
  private static final Duration LOOK = Duration.ofMillis(20);

  void of(BenchManager manager, Supplier<Fleet.Load> start, Figures figures)
      throws IOException, InterruptedException {
    Fleet.Load load = start.get();
    await(load, enough);
    Cpu before = manager.cpu();
    long done = load.done();
    long began = System.nanoTime();
    await(load, done + enough);
    double seconds = (System.nanoTime() - began) / 1e9;
    done = load.done() - done;
    figures.rate(figure, done / seconds, aim, manager.cpu().since(before).each(done));
    load.stop();
  }

  /** Lets a load go on: time is what is measured over, nothing is waited for. */
  static void pass(Duration duration) throws InterruptedException {
    Thread.sleep(duration);
  }

  /** On a busy machine fewer have to do. */
  private static void await(Fleet.Load load, long done) {
    long began = System.nanoTime();
    Awaitility.await()
        .pollInterval(LOOK)
        .forever()
        .until(
            () -> Duration.ofNanos(System.nanoTime() - began),
            past -> past.compareTo(LEAST) > 0 && (load.done() >= done || past.compareTo(MOST) > 0));
  }
}
