package dev.buildman.executor;

import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a control plane said of one worker, and would say of the next one too: no room, no quota, no
 * right, no such image. While it holds, launches are refused here, so that builds wait or go
 * elsewhere for nothing instead of paying for it one by one. For use by any thread.
 */
public final class Closure {

  private record Closed(FailureClass failure, String sentence, long since, Duration span) {}

  private final Ticker ticker;
  private final AtomicReference<@Nullable Closed> closed = new AtomicReference<>();

  public Closure(Ticker ticker) {
    this.ticker = ticker;
  }

  /** From now on, for a while. */
  public void close(FailureClass failure, String sentence, Duration span) {
    closed.set(new Closed(failure, sentence, ticker.nanos(), span));
  }

  /** The answer to a launch; empty while nothing speaks against it. */
  public Optional<LaunchResult> answer() {
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
