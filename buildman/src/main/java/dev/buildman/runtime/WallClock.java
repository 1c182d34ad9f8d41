package dev.buildman.runtime;

import java.time.Duration;
import java.time.InstantSource;

/**
 * The machine's wall clock, for what people read and for outer bounds; never for what managers have
 * to agree on.
 */
public final class WallClock {

  /**
   * A system property with a span, such as {@code PT10M}, by which this process's clock is ahead.
   * For proofs that managers need no agreed time; nobody else has a reason to set it.
   */
  public static final String AHEAD = "buildman.clock.ahead";

  private WallClock() {}

  /** The machine's clock, shifted by {@link #AHEAD} where that is set. */
  public static InstantSource system() {
    InstantSource machine = InstantSource.system();
    String ahead = System.getProperty(AHEAD, "");
    if (ahead.isEmpty()) {
      return machine;
    }
    Duration shift = Duration.parse(ahead);
    return () -> machine.instant().plus(shift);
  }
}
