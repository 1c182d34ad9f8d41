package dev.buildman.executor.kubernetes;

import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What the cluster said after it had taken a Job, and would say again: no room, no quota, no
 * seccomp profile. While it holds, launches are refused here, so that builds wait or go elsewhere
 * for nothing instead of paying for it one by one.
 */
final class Closure {

  private record Closed(FailureClass failure, String sentence, long since, Duration span) {}

  private final Ticker ticker;
  private final AtomicReference<@Nullable Closed> closed = new AtomicReference<>();

  Closure(Ticker ticker) {
    this.ticker = ticker;
  }

  /** From now on, for a while. */
  void close(FailureClass failure, String sentence, Duration span) {
    closed.set(new Closed(failure, sentence, ticker.nanos(), span));
  }

  /** The answer to a launch; empty while nothing speaks against it. */
  Optional<LaunchResult> answer() {
    Closed now = closed.get();
    if (now == null) {
      return Optional.empty();
    }
    if (ticker.since(now.since()).compareTo(now.span()) >= 0) {
      closed.compareAndSet(now, null);
      return Optional.empty();
    }
    return Optional.of(new LaunchResult.SurelyNothing(now.failure(), now.sentence()));
  }
}
