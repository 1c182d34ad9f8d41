package dev.buildman.executor;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** An executor in memory whose every answer a test decides. */
public final class FakeExecutor implements Executor {
  private final ExecutorName name;
  private final Optional<HostId> host;
  private final Queue<Launch> launches = new ArrayDeque<>();
  private final List<WorkerRequest> started = new CopyOnWriteArrayList<>();
  private final List<WorkerRef> stopped = new CopyOnWriteArrayList<>();
  private final Map<ExecutionName, SeenWorker> workers = new LinkedHashMap<>();
  private final Map<ExecutionName, Exit> exits = new LinkedHashMap<>();
  private final Queue<WorkerListener> listeners = new ConcurrentLinkedQueue<>();
  private final Map<ExecutionName, List<String>> printed = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private volatile boolean stopsHeldBack;
  private int stopsToFail;
  private volatile boolean blind;
  private volatile boolean listsLag;
  private volatile int mostAtOnce;
  private volatile Consumer<WorkerRef> awaited = _ -> {};
  private final AtomicLong checks = new AtomicLong();
  private volatile List<String> inTheWay = List.of();

  /** What a launch call does. */
  @FunctionalInterface
  private interface Launch {
    LaunchResult of(WorkerRequest request) throws InterruptedException;
  }

  public FakeExecutor(String name) {
    this(name, Optional.empty());
  }

  public FakeExecutor(String name, Optional<HostId> host) {
    this.name = new ExecutorName(name);
    this.host = host;
  }

  /** What a check finds from now on. */
  public void isInTheWay(String... sentences) {
    inTheWay = List.of(sentences);
  }

  /** What a worker has printed so far. */
  public void prints(ExecutionName worker, String... lines) {
    printed.put(worker, List.of(lines));
  }

  @Override
  public List<String> printed(WorkerRef worker) {
    return printed.getOrDefault(worker.name(), List.of());
  }

  /** How often it was checked. */
  public long checks() {
    return checks.get();
  }

  @Override
  public List<String> check() {
    checks.incrementAndGet();
    return inTheWay;
  }

  /** The next launch surely starts nothing. */
  public synchronized void failSurely(FailureClass failure) {
    launches.add(_ -> new LaunchResult.SurelyNothing(failure, "no, as the test wants it"));
  }

  /** The next launch has no clear answer. */
  public synchronized void failAmbiguously(boolean startsAnyway) {
    launches.add(
        request -> {
          if (startsAnyway) {
            add(request);
          }
          return new LaunchResult.Unknown("connection reset, as the test wants it");
        });
  }

  /** The next launch waits until the latch is open, whatever interrupts it, and starts then. */
  public synchronized CountDownLatch hangNext() {
    return hangNext(this::add);
  }

  /** The next launch waits likewise, and surely starts nothing then. */
  public synchronized CountDownLatch hangNext(FailureClass failure) {
    return hangNext(_ -> new LaunchResult.SurelyNothing(failure, "no, as the test wants it"));
  }

  private CountDownLatch hangNext(Launch then) {
    CountDownLatch latch = new CountDownLatch(1);
    launches.add(
        request -> {
          boolean open = false;
          while (!open) {
            try {
              latch.await();
              open = true;
            } catch (InterruptedException e) {
              // A control plane does not hear of our interrupts.
            }
          }
          return then.of(request);
        });
    return latch;
  }

  /** Takes requests to stop, and does nothing. */
  public void holdStopsBack(boolean held) {
    stopsHeldBack = held;
  }

  /** So many of the next requests to stop fail. */
  public synchronized void failStops(int next) {
    stopsToFail = next;
  }

  /** Answers Unknown and Unavailable from now on. */
  public void goBlind(boolean now) {
    blind = now;
  }

  /** Lists show nobody from now on, though who is asked for by name is there. */
  public void lagLists(boolean now) {
    listsLag = now;
  }

  /** A worker ends by itself. */
  public void end(ExecutionName worker, Exit exit) {
    SeenWorker seen;
    synchronized (this) {
      seen = workers.remove(worker);
      exits.put(worker, exit);
    }
    if (seen != null) {
      tell(new WorkerEvent.Exited(seen, exit));
    }
  }

  /** Tells the watchers. */
  public void tell(WorkerEvent event) {
    listeners.forEach(listener -> listener.on(event));
  }

  /** Forgets a worker without a word, as lists sometimes do. */
  public synchronized void lose(ExecutionName worker) {
    workers.remove(worker);
  }

  /** Puts a worker in that nobody asked for. */
  public synchronized void put(SeenWorker worker) {
    workers.put(worker.name(), worker);
  }

  /** What happens when somebody begins to wait for a worker's end. */
  public void whenAwaited(Consumer<WorkerRef> then) {
    awaited = then;
  }

  @Override
  public Presence awaitGone(WorkerRef worker, Duration limit) throws InterruptedException {
    awaited.accept(worker);
    return Executor.super.awaitGone(worker, limit);
  }

  /** All launch calls so far. */
  public List<WorkerRequest> started() {
    return List.copyOf(started);
  }

  public List<WorkerRef> stopped() {
    return List.copyOf(stopped);
  }

  public synchronized List<SeenWorker> running() {
    return new ArrayList<>(workers.values());
  }

  /** Most workers that ever ran at once. */
  public int mostAtOnce() {
    return mostAtOnce;
  }

  @Override
  public ExecutorName name() {
    return name;
  }

  @Override
  public Optional<HostId> host() {
    return host;
  }

  @Override
  public LaunchResult start(WorkerRequest request) {
    started.add(request);
    Launch launch;
    synchronized (this) {
      launch = launches.isEmpty() ? this::add : launches.remove();
    }
    try {
      return launch.of(request);
    } catch (InterruptedException e) {
      return new LaunchResult.Unknown("interrupted");
    }
  }

  private synchronized LaunchResult add(WorkerRequest request) {
    ExecutionId id = new ExecutionId("fake-" + ids.incrementAndGet());
    workers.put(
        request.name(),
        new SeenWorker(
            request.attempt(), WorkerRef.of(request.name(), id), request.installation().state()));
    mostAtOnce = Math.max(mostAtOnce, workers.size());
    return new LaunchResult.Started(id);
  }

  @Override
  public synchronized StopResult stop(WorkerRef worker) {
    stopped.add(worker);
    if (stopsToFail > 0) {
      stopsToFail--;
      return new StopResult.Failed("the test lets it fail");
    }
    if (!stopsHeldBack) {
      workers.remove(worker.name());
    }
    return new StopResult.Asked();
  }

  @Override
  public synchronized Presence confirmGone(WorkerRef worker) {
    if (blind) {
      return new Presence.Unknown("the test put a blindfold on");
    }
    return workers.containsKey(worker.name())
        ? new Presence.Present()
        : new Presence.Gone(exits.getOrDefault(worker.name(), Exit.unknown()));
  }

  @Override
  public synchronized Inventory list() {
    return blind
        ? new Inventory.Unavailable("the test put a blindfold on")
        : new Inventory.Listed(listsLag ? List.of() : new ArrayList<>(workers.values()));
  }

  @Override
  public Watch watch(WorkerListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  @Override
  public void close() {}
}
