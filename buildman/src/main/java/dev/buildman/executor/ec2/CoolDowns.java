package dev.buildman.executor.ec2;

import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Which pools were of no use a moment ago, so that not each build asks them again (E1). */
final class CoolDowns {

  /** Full pools have room again soon. */
  private static final Duration NO_ROOM = Duration.ofSeconds(60);

  /** Somebody has to mend these. */
  private static final Duration WRONG = Duration.ofMinutes(10);

  /**
   * What was said of a pool.
   *
   * @param wrong whether it cannot be, other than being full
   */
  record Cold(boolean wrong, String sentence, long since) {}

  private final Ticker ticker;
  private final Map<Pool, Cold> cold = new ConcurrentHashMap<>();

  CoolDowns(Ticker ticker) {
    this.ticker = ticker;
  }

  Cold cool(Pool pool, boolean wrong, String sentence) {
    Cold now = new Cold(wrong, sentence, ticker.nanos());
    cold.put(pool, now);
    return now;
  }

  /** Empty: the pool may be asked. */
  Optional<Cold> of(Pool pool) {
    return Optional.ofNullable(cold.get(pool))
        .filter(seen -> ticker.since(seen.since()).compareTo(span(seen)) < 0);
  }

  private static Duration span(Cold cold) {
    return cold.wrong() ? WRONG : NO_ROOM;
  }
}
