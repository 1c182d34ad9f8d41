package dev.buildman.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Time that only moves when a test says so, as a ticker, a wall clock and a sleeper in one. Who
 * sleeps moves it and is not held up. Safe for any thread.
 */
public final class ManualTime implements Ticker, InstantSource, Sleeper {
  private final List<Duration> slept = new ArrayList<>();
  private Instant wall;
  private long nanos = 1_000;

  public ManualTime(Instant start) {
    this.wall = start;
  }

  public static ManualTime atEpoch() {
    return new ManualTime(Instant.EPOCH);
  }

  /** Both clocks go forward. */
  public synchronized void advance(Duration span) {
    wall = wall.plus(span);
    nanos += span.toNanos();
  }

  /** The wall clock is set, as by an administrator; the ticker does not notice. */
  public synchronized void stepWallClock(Duration step) {
    wall = wall.plus(step);
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized Instant instant() {
    return wall;
  }

  @Override
  public synchronized void sleep(Duration span) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before sleeping");
    }
    slept.add(span);
    advance(span);
  }

  /** All spans slept so far, in order. */
  public synchronized List<Duration> slept() {
    return List.copyOf(slept);
  }
}
