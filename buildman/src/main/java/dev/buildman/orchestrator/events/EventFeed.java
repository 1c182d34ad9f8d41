package dev.buildman.orchestrator.events;

import dev.buildman.model.BuildId;
import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.OrchestratorKeys;
import dev.buildman.redis.KeyspaceEvents;
import dev.buildman.redis.RedisConnections;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.redis.Subscription;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to hints and to expired deadlines. A subscription can be dead while its connection looks
 * alive, so it sends itself a canary at every pass; when none comes back for 5 s it subscribes
 * anew.
 */
public final class EventFeed implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(EventFeed.class);
  private static final Duration SILENCE = Duration.ofSeconds(5);
  private static final String CANARY = "CANARY ";
  private static final String EXPIRED = "expired";
  private static final String EXPIRING = "/expiring";

  private final RedisConnections connections;
  private final OrchestratorKeys keys;
  private final String canary;
  private final EventListener listener;
  private final LongSupplier ticker;
  private final AtomicLong lastHeard = new AtomicLong();
  private final AtomicLong received = new AtomicLong();
  private final AtomicBoolean subscribedAnew = new AtomicBoolean();
  private @Nullable Subscription subscription;

  /**
   * @param ticker nanoseconds of a clock that never steps
   */
  public EventFeed(
      RedisConnections connections,
      OrchestratorKeys keys,
      ManagerId manager,
      EventListener listener,
      LongSupplier ticker) {
    this.connections = connections;
    this.keys = keys;
    this.canary = CANARY + manager;
    this.listener = listener;
    this.ticker = ticker;
  }

  /**
   * One pass: subscribes when it must, and sends the canary. Call it about once a second, from one
   * thread. Never throws for an outage: the next pass tries again.
   */
  public synchronized void runOnce() {
    try {
      if (subscription == null) {
        open();
      } else if (silence().compareTo(SILENCE) > 0) {
        log.warn("No canary came back; subscribing anew: silence={}", silence());
        close();
        open();
      }
      connections
          .publish(keys.events(), canary)
          .whenComplete(
              (_, failure) -> {
                if (failure != null) {
                  log.debug("The canary was not sent: why={}", failure.getMessage());
                }
              });
      if (subscribedAnew.getAndSet(false)) {
        enableEvents();
      }
    } catch (RedisUnavailable e) {
      log.debug("Not listening in full yet: why={}", e.getMessage());
    }
  }

  /** A server that was restarted has forgotten what it shall tell of. */
  private void enableEvents() {
    try {
      KeyspaceEvents.enable(connections);
    } catch (RedisUnavailable e) {
      // Subscriptions come back before other connections do: the next pass asks again.
      subscribedAnew.set(true);
      throw e;
    }
  }

  private void open() {
    lastHeard.set(ticker.getAsLong());
    int database = connections.settings().database();
    String jobs = keys.tag() + "building/";
    subscription =
        connections.subscribe(
            new Subscription.Request(
                List.of(keys.events()),
                List.of(KeyspaceEvents.pattern(database, jobs, EXPIRING)),
                new Hearer()));
  }

  /** How long nothing was heard, not even the canary. */
  public Duration silence() {
    return Duration.ofNanos(ticker.getAsLong() - lastHeard.get());
  }

  /** Events received since the start, canaries not counted. */
  public long received() {
    return received.get();
  }

  @Override
  public synchronized void close() {
    Subscription open = subscription;
    if (open != null) {
      subscription = null;
      open.close();
    }
  }

  private final class Hearer implements Subscription.Listener {
    @Override
    public void message(String channel, String message) {
      lastHeard.set(ticker.getAsLong());
      if (message.startsWith(CANARY)) {
        return;
      }
      received.incrementAndGet();
      guarded(() -> dispatch(channel, message));
    }

    @Override
    public void subscribed() {
      lastHeard.set(ticker.getAsLong());
      subscribedAnew.set(true);
      guarded(listener::resync);
    }

    private void dispatch(String channel, String message) {
      if (channel.equals(keys.events())) {
        Optional<Hint> hint = Hint.parse(message);
        hint.ifPresent(listener::hint);
      } else if (message.equals(EXPIRED)) {
        String key = KeyspaceEvents.key(channel);
        int from = keys.tag().length() + "building/".length();
        listener.expired(new BuildId(key.substring(from, key.length() - EXPIRING.length())));
      }
    }

    /** An exception here would end the driver's listening for good, and nobody would see. */
    private void guarded(Runnable callback) {
      try {
        callback.run();
      } catch (RuntimeException e) {
        log.error("A listener to events failed", e);
      }
    }
  }
}
