package dev.buildman;

import dev.buildman.orchestrator.RedisTime;
import dev.buildman.runtime.WallClock;
import java.time.InstantSource;

/**
 * What time it is.
 *
 * @param wall this machine's, for tokens' outer bounds and for what people read
 * @param redis the clock of all deadlines
 */
public record Clocks(InstantSource wall, RedisTime redis) {

  /** The machine's and Redis's own. */
  static Clocks system() {
    return new Clocks(WallClock.system(), RedisTime.SERVER);
  }
}
