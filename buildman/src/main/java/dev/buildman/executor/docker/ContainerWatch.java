package dev.buildman.executor.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import dev.buildman.executor.Exit;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerListener;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
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

  private static final Backoff ON_FAILURE =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(15), 0.2, new Random());

  private static final Set<String> ON_ITS_WAY = Set.of("running", "created", "paused");

  private final Daemon daemon;
  private final Containers containers;
  private final ContainerLabels labels;
  private final WorkerListener listener;
  private final Ticker ticker;

  // Only the loop's thread comes to these.
  private final Map<String, SeenWorker> known = new HashMap<>();
  private final Set<String> told = new HashSet<>();
  private final LeftVolumes left;
  private boolean away;

  private volatile @Nullable EventStream events;
  private final Loop loop;

  private ContainerWatch(
      Daemon daemon,
      Containers containers,
      ContainerLabels labels,
      WorkerListener listener,
      Ticker ticker) {
    this.daemon = daemon;
    this.containers = containers;
    this.labels = labels;
    this.listener = listener;
    this.ticker = ticker;
    this.left = new LeftVolumes(daemon, labels, ticker);
    this.loop = Loop.start("docker-watch", PERIOD, ON_FAILURE, this::runOnce);
  }

  static ContainerWatch start(
      Daemon daemon,
      Containers containers,
      ContainerLabels labels,
      WorkerListener listener,
      Ticker ticker) {
    return new ContainerWatch(daemon, containers, labels, listener, ticker);
  }

  private void runOnce() {
    try {
      labels.host().ifPresent(DaemonHost::get);
      // The stream before the list: what ends between the two is seen in one of them.
      compare(stream());
      left.runOnce();
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

  private EventStream stream() {
    EventStream present = events;
    if (present != null && !present.isBroken()) {
      return present;
    }
    EventStream opened = EventStream.open(daemon, labels, this::wake, ticker);
    events = opened;
    return opened;
  }

  // Events may come while the constructor still runs: the loop looks by itself at its start.
  private void wake() {
    Loop running = loop;
    if (running != null) {
      running.wake();
    }
  }

  private void compare(EventStream stream) {
    // Before the list: what it told of and is not in the list is gone.
    stream.seen().forEach(known::putIfAbsent);
    Map<String, Container> present = new HashMap<>();
    for (Container container : containers.all()) {
      present.put(container.getId(), container);
      containers.seen(container).ifPresent(worker -> known.putIfAbsent(container.getId(), worker));
    }
    for (Map.Entry<String, SeenWorker> one : Map.copyOf(known).entrySet()) {
      String id = one.getKey();
      Container container = present.get(id);
      if (container == null) {
        tell(id, one.getValue(), vanished(id, stream));
        forget(id, stream);
      } else if (!told.contains(id) && !ON_ITS_WAY.contains(String.valueOf(container.getState()))) {
        end(id, stream).ifPresent(exit -> tell(id, one.getValue(), exit));
      }
    }
  }

  private Optional<Exit> end(String id, EventStream stream) {
    Optional<InspectContainerResponse> container = containers.inspect(id);
    if (container.isEmpty()) {
      return Optional.of(vanished(id, stream));
    }
    return ContainerSight.hasEnded(container.get().getState())
        ? Optional.of(ContainerSight.exit(daemon, id, container.get().getState()))
        : Optional.empty();
  }

  // Removed by hand: only an event can say how it had ended.
  private static Exit vanished(String id, EventStream stream) {
    OptionalInt code = stream.exitCode(id);
    boolean memory = stream.wasKilledForMemory(id);
    return code.isEmpty() && !memory
        ? Exit.unknown()
        : new Exit(ContainerSight.exit(code.orElse(-1), memory), List.of());
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

  // What the listener could not take stays known, and is told again.
  private void forget(String id, EventStream stream) {
    if (told.remove(id)) {
      known.remove(id);
      stream.forget(id);
    }
  }

  private void drop() {
    EventStream old = events;
    events = null;
    if (old != null) {
      old.close();
    }
  }

  @Override
  public void close() {
    loop.close();
    drop();
  }
}
