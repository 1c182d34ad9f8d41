package dev.buildman.executor.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Container;
import com.github.dockerjava.api.model.Event;
import dev.buildman.executor.Exit;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerListener;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Ticker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells what becomes of the workers of one executor: within milliseconds of the daemon's event, and
 * within a period of comparison where the stream of events broke or fell silent.
 */
final class ContainerWatch implements Watch {
  private static final Logger log = LoggerFactory.getLogger(ContainerWatch.class);

  /** Of comparing with a list of all containers: the price is one call. */
  private static final Duration PERIOD = Duration.ofSeconds(5);

  /** A stream that stood so long was a working one. */
  private static final Duration LASTING = Duration.ofSeconds(1);

  private static final Backoff ON_FAILURE =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(15), 0.2, new Random());

  private static final String[] TOLD = {"die", "oom", "destroy", "start"};

  private final Daemon daemon;
  private final ContainerLabels labels;
  private final WorkerListener listener;
  private final Ticker ticker;

  /** What an event said of a container that may be gone when it is looked at. */
  private final Map<String, Integer> codes = new ConcurrentHashMap<>();

  private final Set<String> killedForMemory = ConcurrentHashMap.newKeySet();

  // Only the loop's thread comes to these.
  private final Map<String, SeenWorker> known = new HashMap<>();
  private final Set<String> told = new HashSet<>();
  private boolean away;

  private volatile @Nullable Stream stream;
  private final Loop loop;

  private ContainerWatch(
      Daemon daemon, ContainerLabels labels, WorkerListener listener, Ticker ticker) {
    this.ticker = ticker;
    this.daemon = daemon;
    this.labels = labels;
    this.listener = listener;
    this.loop = Loop.start("docker-watch", PERIOD, ON_FAILURE, this::runOnce);
  }

  static ContainerWatch start(
      Daemon daemon, ContainerLabels labels, WorkerListener listener, Ticker ticker) {
    return new ContainerWatch(daemon, labels, listener, ticker);
  }

  private void runOnce() {
    try {
      // The stream before the list: what ends between the two is seen in one of them.
      if (stream == null) {
        open();
      }
      compare();
      if (away) {
        away = false;
        log.info("daemon answers again: daemon={}", daemon.access());
      }
    } catch (RuntimeException e) {
      drop();
      if (!away) {
        away = true;
        log.warn("workers are not seen: {}", DaemonAnswer.words(e, daemon.where()));
      }
    }
  }

  private void open() {
    Stream opened = new Stream();
    stream = opened;
    daemon
        .streams()
        .eventsCmd()
        .withEventTypeFilter("container")
        .withEventFilter(TOLD)
        .withLabelFilter(labels.selector())
        .exec(opened);
  }

  private void compare() {
    Map<String, Container> present = new HashMap<>();
    for (Container container :
        daemon
            .calls()
            .listContainersCmd()
            .withShowAll(true)
            .withLabelFilter(labels.selector())
            .exec()) {
      present.put(container.getId(), container);
      if (container.getNames().length > 0) {
        labels
            .seen(container.getNames()[0], container.getId(), container.getLabels())
            .ifPresent(worker -> known.putIfAbsent(container.getId(), worker));
      }
    }
    for (Map.Entry<String, SeenWorker> worker : Map.copyOf(known).entrySet()) {
      Container container = present.get(worker.getKey());
      if (container == null) {
        tell(worker.getKey(), worker.getValue(), vanished(worker.getKey()));
        forget(worker.getKey());
      } else if (!isOnItsWay(container) && !told.contains(worker.getKey())) {
        end(worker.getKey()).ifPresent(exit -> tell(worker.getKey(), worker.getValue(), exit));
      }
    }
  }

  private static boolean isOnItsWay(Container container) {
    String state = String.valueOf(container.getState());
    return state.equals("running") || state.equals("created") || state.equals("paused");
  }

  private Optional<Exit> end(String id) {
    try {
      InspectContainerResponse container = daemon.calls().inspectContainerCmd(id).exec();
      return ContainerSight.hasEnded(container.getState())
          ? Optional.of(ContainerSight.exit(daemon, id, container.getState()))
          : Optional.empty();
    } catch (NotFoundException e) {
      return Optional.of(vanished(id));
    }
  }

  // Removed by hand: only an event can say how it had ended.
  private Exit vanished(String id) {
    Integer code = codes.get(id);
    boolean memory = killedForMemory.contains(id);
    return code == null && !memory
        ? Exit.unknown()
        : new Exit(ContainerSight.exit(code == null ? -1 : code, memory), List.of());
  }

  private void tell(String id, SeenWorker worker, Exit exit) {
    if (!told.add(id)) {
      return;
    }
    try {
      listener.on(new WorkerEvent.Exited(worker, exit));
    } catch (RuntimeException e) {
      log.warn("worker event not taken, it is told again: worker={}", worker.name(), e);
      told.remove(id);
    }
  }

  private void forget(String id) {
    if (told.contains(id)) {
      known.remove(id);
      told.remove(id);
      codes.remove(id);
      killedForMemory.remove(id);
    }
  }

  private void drop() {
    Stream old = stream;
    stream = null;
    if (old != null) {
      old.end();
    }
  }

  @Override
  public void close() {
    loop.close();
    drop();
  }

  /** The daemon's events; their content is a hint, except how a container ended that is gone. */
  private final class Stream extends ResultCallback.Adapter<Event> {
    private final long opened = ticker.nanos();

    @Override
    public void onNext(Event event) {
      String id = event.getId();
      if (id != null) {
        note(id, event);
      }
      wake();
    }

    private void note(String id, Event event) {
      if ("oom".equals(event.getAction())) {
        killedForMemory.add(id);
      }
      if ("die".equals(event.getAction())) {
        exitCode(event).ifPresent(code -> codes.put(id, code));
      }
    }

    private static OptionalInt exitCode(Event event) {
      Map<String, String> attributes =
          event.getActor() == null ? null : event.getActor().getAttributes();
      String code = attributes == null ? null : attributes.get("exitCode");
      return code == null || !code.matches("[0-9]{1,3}")
          ? OptionalInt.empty()
          : OptionalInt.of(Integer.parseInt(code));
    }

    @Override
    public void onError(Throwable cause) {
      log.debug("stream of events broke: daemon={}, cause={}", daemon.access(), cause.toString());
      lost();
      super.onError(cause);
    }

    @Override
    public void onComplete() {
      lost();
      super.onComplete();
    }

    // Opened again, and held against a list, with the next pass.
    private void lost() {
      if (stream == this) {
        stream = null;
        // One that breaks as it is opened is opened again with the next period.
        if (ticker.since(opened).compareTo(LASTING) >= 0) {
          wake();
        }
      }
    }

    private void wake() {
      Loop running = loop;
      if (running != null) {
        running.wake();
      }
    }

    void end() {
      try {
        close();
      } catch (IOException e) {
        log.debug("stream of events not closed: {}", e.toString());
      }
    }
  }
}
