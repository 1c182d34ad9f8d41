package dev.buildman.executor.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import com.github.dockerjava.api.model.EventActor;
import dev.buildman.executor.SeenWorker;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's events of the workers' containers, from when it was opened until it breaks. They are
 * hints, except for how a container ended that is gone when it is looked at.
 */
final class EventStream extends ResultCallback.Adapter<Event> {
  private static final Logger log = LoggerFactory.getLogger(EventStream.class);

  // Docker's words, and Podman's for the same.
  private static final String[] TOLD = {"start", "oom", "die", "died", "destroy", "remove"};

  /** A stream that stood so long was a working one. */
  private static final Duration LASTING = Duration.ofSeconds(1);

  private final Runnable hint;
  private final Ticker ticker;
  private final long opened;
  private final Map<String, Integer> codes = new ConcurrentHashMap<>();
  private final Set<String> killedForMemory = ConcurrentHashMap.newKeySet();
  private final Map<String, SeenWorker> seen = new ConcurrentHashMap<>();
  private final ContainerLabels labels;
  private final AtomicBoolean broken = new AtomicBoolean();

  private EventStream(ContainerLabels labels, Runnable hint, Ticker ticker) {
    this.labels = labels;
    this.hint = hint;
    this.ticker = ticker;
    this.opened = ticker.nanos();
  }

  /**
   * Opens one; that it could not be opened is seen as its being broken.
   *
   * @param hint called for each event, and when a stream broke that had worked
   */
  static EventStream open(Daemon daemon, ContainerLabels labels, Runnable hint, Ticker ticker) {
    return daemon
        .streams()
        .eventsCmd()
        .withEventTypeFilter("container")
        .withEventFilter(TOLD)
        .withLabelFilter(labels.selector())
        .exec(new EventStream(labels, hint, ticker));
  }

  boolean isBroken() {
    return broken.get();
  }

  /** Exit code of a container that ended while the stream stood. */
  OptionalInt exitCode(String container) {
    Integer code = codes.get(container);
    return code == null ? OptionalInt.empty() : OptionalInt.of(code);
  }

  boolean wasKilledForMemory(String container) {
    return killedForMemory.contains(container);
  }

  /** The workers that it told of, by container: one that is gone already is in no list. */
  Map<String, SeenWorker> seen() {
    return seen;
  }

  /** Nothing more will be asked about this one. */
  void forget(String container) {
    codes.remove(container);
    killedForMemory.remove(container);
    seen.remove(container);
  }

  @Override
  public void onNext(Event event) {
    EventActor actor = event.getActor();
    String id = event.getId() == null && actor != null ? actor.getId() : event.getId();
    if (id != null) {
      note(id, String.valueOf(event.getAction()), actor == null ? null : actor.getAttributes());
    }
    hint.run();
  }

  private void note(String id, String action, @Nullable Map<String, String> attributes) {
    if (action.equals("oom")) {
      killedForMemory.add(id);
    }
    if (attributes == null) {
      return;
    }
    String name = attributes.getOrDefault("name", "");
    labels.seen(name, id, attributes).ifPresent(worker -> seen.put(id, worker));
    String code =
        attributes.getOrDefault("exitCode", attributes.getOrDefault("containerExitCode", ""));
    if (action.startsWith("die") && code.matches("[0-9]{1,3}")) {
      codes.put(id, Integer.parseInt(code));
    }
  }

  @Override
  public void onError(Throwable cause) {
    log.debug("stream of events broke: cause={}", cause.toString());
    broke();
    super.onError(cause);
  }

  @Override
  public void onComplete() {
    broke();
    super.onComplete();
  }

  // One that breaks as it is opened is opened again with the next period, not at once.
  private void broke() {
    if (broken.compareAndSet(false, true) && ticker.since(opened).compareTo(LASTING) >= 0) {
      hint.run();
    }
  }

  @Override
  public void close() {
    broken.set(true);
    try {
      super.close();
    } catch (IOException e) {
      log.debug("stream of events not closed: {}", e.toString());
    }
  }
}
