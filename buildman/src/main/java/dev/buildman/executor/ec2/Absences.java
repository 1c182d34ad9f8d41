package dev.buildman.executor.ec2;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Exit;
import dev.buildman.executor.Presence;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Workers whose instance is not found. Soon after a launch that means nothing, and when that was is
 * not always known here: so one has to be missing for a while (E5). Safe for use by several
 * threads.
 */
final class Absences {
  private static final Duration FORGOTTEN = Duration.ofHours(2);

  private final Ticker ticker;
  private final Duration settled;
  private final Map<ExecutionName, Long> since = new ConcurrentHashMap<>();

  Absences(Ticker ticker, Duration settled) {
    this.ticker = ticker;
    this.settled = settled;
  }

  /** It was looked for and not found. */
  Presence seen(ExecutionName name) {
    since.values().removeIf(first -> ticker.since(first).compareTo(FORGOTTEN) >= 0);
    Duration missing = ticker.since(since.computeIfAbsent(name, _ -> ticker.nanos()));
    return missing.compareTo(settled) >= 0
        ? new Presence.Gone(Exit.unknown())
        : new Presence.Unknown(
            "the provider shows no such instance, and may not show it yet; believed after %d s"
                .formatted(settled.toSeconds()));
  }

  /** It was found. */
  void over(ExecutionName name) {
    since.remove(name);
  }
}
