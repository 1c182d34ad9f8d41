package dev.buildman.agent.runtime;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Two clocks that move only when a test says so. Safe for any thread. */
public final class ManualTime implements Ticker, InstantSource {
  private Instant wall = Instant.EPOCH;
  private long nanos = 1_000;

  /** Both clocks go forward. */
  public synchronized void advance(Duration span) {
    wall = wall.plus(span);
    nanos += span.toNanos();
  }

  /** Only the wall clock moves: set by somebody, or the machine was suspended. */
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
}
