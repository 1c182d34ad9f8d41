package dev.buildman.redis;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether Redis answers, as the last commands saw it. A server that hangs counts as away like one
 * that refuses: what tells is the answer, not the connection. For use by any thread.
 */
public final class RedisHealth {
  private static final Logger log = LoggerFactory.getLogger(RedisHealth.class);

  private final InstantSource clock;
  private final String where;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private volatile Optional<Instant> awaySince = Optional.empty();

  /** Hears of changes, on the thread that saw them: must not block. */
  public interface Listener {
    /** The first command failed. */
    void away();

    /** The first command was answered again. */
    void back(Duration after);
  }

  public RedisHealth(InstantSource clock, String where) {
    this.clock = clock;
    this.where = where;
  }

  /** Since when nothing was answered, by this machine's clock; empty: Redis answers. */
  public Optional<Instant> awaySince() {
    return awaySince;
  }

  public void listen(Listener listener) {
    listeners.add(listener);
  }

  void answered() {
    if (awaySince.isPresent()) {
      change(true, "");
    }
  }

  void failed(String why) {
    if (awaySince.isEmpty()) {
      change(false, why);
    }
  }

  private synchronized void change(boolean here, String why) {
    Optional<Instant> since = awaySince;
    if (since.isEmpty() == here) {
      return;
    }
    if (here) {
      Duration after = Duration.between(since.get(), clock.instant());
      awaySince = Optional.empty();
      log.info("Redis answers again: server={}, away={}", where, after);
      listeners.forEach(listener -> listener.back(after));
    } else {
      awaySince = Optional.of(clock.instant());
      log.warn("Redis does not answer: server={}, why={}", where, why);
      listeners.forEach(Listener::away);
    }
  }
}
