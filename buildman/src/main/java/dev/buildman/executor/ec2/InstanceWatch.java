package dev.buildman.executor.ec2;

import dev.buildman.executor.Exit;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerListener;
import dev.buildman.model.Reason;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Tells what becomes of the workers of one executor. The provider has nothing to listen to that is
 * free of set-up, so it is asked: one look each few seconds for all workers, and one each half
 * minute while there are none.
 */
final class InstanceWatch implements Watch {
  private static final Logger log = LoggerFactory.getLogger(InstanceWatch.class);
  private static final int CONSOLES_AT_ONCE = 4;

  private final Account account;
  private final Fleet fleet;
  private final Consoles consoles;
  private final SpotNotices notices;
  private final WorkerListener listener;
  private final Clockwork clockwork;
  private final Semaphore reading = new Semaphore(CONSOLES_AT_ONCE);
  private final Set<String> told = ConcurrentHashMap.newKeySet();

  // Only the loop's thread comes to these.
  private final Map<String, Long> endedSince = new HashMap<>();
  private boolean away;
  private boolean idle;
  private long looked;

  private volatile boolean closed;
  private final Loop loop;

  /** The ticker, and the spans that it measures. */
  record Clockwork(Ticker ticker, Pace pace) {}

  private InstanceWatch(
      Account account,
      Fleet fleet,
      Consoles consoles,
      SpotNotices notices,
      WorkerListener listener,
      Clockwork clockwork) {
    this.account = account;
    this.fleet = fleet;
    this.consoles = consoles;
    this.notices = notices;
    this.listener = listener;
    this.clockwork = clockwork;
    Duration period = clockwork.pace().watched();
    Backoff onFailure = new Backoff(period, period.multipliedBy(6), 0.2, new Random());
    this.loop = Loop.start("ec2-watch", period, onFailure, this::runOnce);
  }

  static InstanceWatch start(
      Account account,
      Fleet fleet,
      Consoles consoles,
      SpotNotices notices,
      WorkerListener listener,
      Clockwork clockwork) {
    return new InstanceWatch(account, fleet, consoles, notices, listener, clockwork);
  }

  private void runOnce() {
    Duration since = clockwork.ticker().since(looked);
    if (idle && !fleet.hasNews() && since.compareTo(clockwork.pace().idle()) < 0) {
      return;
    }
    try {
      looked = clockwork.ticker().nanos();
      Fleet.Sight sight = fleet.look(clockwork.pace().watched().dividedBy(2));
      idle = sight.byId().values().stream().allMatch(SeenInstance::isGone);
      Map<String, String> taken = notices.of(sight);
      // The newest first: after a restart there may be many old ends to read.
      sight.byId().values().stream()
          .sorted(Comparator.comparing(SeenInstance::launched).reversed())
          .forEach(instance -> look(instance, taken.get(instance.id())));
      forget(sight);
      if (away) {
        away = false;
        log.info("provider answers again: {}", account.where());
      }
    } catch (SdkException e) {
      if (!away) {
        away = true;
        log.warn("workers are not seen: {}", Ec2Answer.words(e, account.where()));
      }
    }
  }

  private void forget(Fleet.Sight sight) {
    endedSince.keySet().retainAll(sight.byId().keySet());
    told.removeIf(key -> !sight.byId().containsKey(key.substring(0, key.indexOf('/'))));
  }

  private void look(SeenInstance instance, @Nullable String notice) {
    if (notice != null && taken(instance, new Fate.Taken(Reason.SPOT_INTERRUPTED, notice))) {
      return;
    }
    switch (Fate.of(instance)) {
      case Fate.Well() -> {}
      // The end itself with the next look: were it heard first, the build would pay for it.
      case Fate.Taken taken -> {
        if (!taken(instance, taken)) {
          exited(instance, false);
        }
      }
      case Fate.NeverRan(Reason reason, String sentence) -> {
        if (!once(instance, new WorkerEvent.Stuck(instance.worker(), reason, sentence))) {
          exited(instance, false);
        }
      }
      case Fate.Over(boolean byItself) -> exited(instance, byItself);
    }
  }

  private boolean taken(SeenInstance instance, Fate.Taken taken) {
    return once(
        instance, new WorkerEvent.Notice(instance.worker(), taken.reason(), taken.sentence()));
  }

  private void exited(SeenInstance instance, boolean byItself) {
    if (told.contains(key(instance, WorkerEvent.Exited.class))) {
      return;
    }
    long since = endedSince.computeIfAbsent(instance.id(), _ -> clockwork.ticker().nanos());
    boolean patient = clockwork.ticker().since(since).compareTo(clockwork.pace().console()) < 0;
    if (!reading.tryAcquire()) {
      return;
    }
    told.add(key(instance, WorkerEvent.Exited.class));
    Thread thread =
        Threads.start(
            "ec2-end-" + instance.id(),
            () -> {
              try {
                read(instance, byItself && patient);
              } finally {
                reading.release();
              }
            });
    log.trace("end is read: thread={}", thread.getName());
  }

  /** A console is shown a while after what was printed there: then it is read again. */
  private void read(SeenInstance instance, boolean mayCome) {
    Optional<Exit> end =
        mayCome ? consoles.end(instance.id()) : Optional.of(consoles.whatever(instance.id()));
    if (end.isEmpty()) {
      told.remove(key(instance, WorkerEvent.Exited.class));
    } else {
      tell(instance, new WorkerEvent.Exited(instance.worker(), end.get()));
    }
  }

  /** Tells it, unless it was told before: then false. */
  private boolean once(SeenInstance instance, WorkerEvent event) {
    boolean fresh = told.add(key(instance, event.getClass()));
    if (fresh) {
      tell(instance, event);
    }
    return fresh;
  }

  private void tell(SeenInstance instance, WorkerEvent event) {
    if (closed) {
      return;
    }
    try {
      listener.on(event);
    } catch (RuntimeException e) {
      log.warn("worker event not taken, it is told again: instance={}", instance.id(), e);
      told.remove(key(instance, event.getClass()));
    }
  }

  private static String key(SeenInstance instance, Class<? extends WorkerEvent> kind) {
    return instance.id() + "/" + kind.getSimpleName();
  }

  @Override
  public void close() {
    closed = true;
    loop.close();
  }
}
