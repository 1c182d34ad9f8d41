package dev.buildman.agent.runtime;

import java.time.InstantSource;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * What an agent lives by, in one piece, so that a test can take its place.
 *
 * @param ticker for spans
 * @param wallClock for dates, and for spans over which the machine may have been suspended
 * @param sleeper for pauses
 * @param random for the spread of pauses; safe for many threads
 */
public record Time(
    Ticker ticker, InstantSource wallClock, Sleeper sleeper, RandomGenerator random) {

  /** The machine's own. */
  public static Time system() {
    return new Time(Ticker.system(), InstantSource.system(), Sleeper.system(), new Random());
  }
}
