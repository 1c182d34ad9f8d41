package dev.buildman.executor.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.model.Container;
import dev.buildman.executor.Executor;
import dev.buildman.executor.Exit;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerListener;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** Runs workers as containers of one daemon, Docker's or Podman's. */
public final class DockerExecutor implements Executor {

  private final DockerSettings settings;
  private final Optional<DaemonHost> host;
  private final Ticker ticker;
  private final InstantSource clock;
  private final Daemon daemon;
  private final ContainerLabels labels;
  private final Containers containers;
  private final Launch launch;
  private final Fitness fitness;

  /**
   * Calls nothing: a daemon that is away must not keep a manager from starting.
   *
   * @param host of the workers of a daemon on a local socket; not asked for one over the network
   * @param clock for how long a failed worker is kept
   * @throws IllegalArgumentException when the files of its TLS are of no use
   */
  public DockerExecutor(
      DockerSettings settings,
      Installation installation,
      DaemonHost host,
      Ticker ticker,
      InstantSource clock) {
    this(settings, installation, host, ticker, clock, WorkerSpec.GRACE);
  }

  /**
   * For tests.
   *
   * @param grace from the polite signal to the one that cannot be caught
   */
  DockerExecutor(
      DockerSettings settings,
      Installation installation,
      DaemonHost host,
      Ticker ticker,
      InstantSource clock,
      Duration grace) {
    this.settings = settings;
    this.host = Optional.of(host).filter(DaemonHost::isLocal);
    this.ticker = ticker;
    this.clock = clock;
    this.daemon = new Daemon(settings.access());
    this.labels = new ContainerLabels(name(), installation, this.host);
    this.containers = new Containers(daemon, labels, grace);
    WorkerImage image = new WorkerImage(daemon, settings.image(), ticker);
    this.launch = new Launch(settings, daemon, labels, containers, image);
    this.fitness = new Fitness(daemon, image);
  }

  /** It begins to pull the image where that is missing. */
  @Override
  public List<String> check() {
    Optional<LaunchResult.SurelyNothing> trouble = fitness.trouble();
    if (trouble.isEmpty()) {
      host.ifPresent(DaemonHost::ask);
    }
    return trouble.map(LaunchResult.SurelyNothing::sentence).stream().toList();
  }

  @Override
  public ExecutorName name() {
    return settings.common().name();
  }

  @Override
  public Optional<HostId> host() {
    return host.map(DaemonHost::now);
  }

  @Override
  public LaunchResult start(WorkerRequest request) {
    // The intent is recorded before this call, with the host that was known then.
    boolean known = host.map(DaemonHost::isKnown).orElse(true);
    Optional<LaunchResult.SurelyNothing> unfit = fitness.trouble();
    if (unfit.isPresent()) {
      return unfit.get();
    }
    return known ? launch.start(request) : introduced();
  }

  private LaunchResult introduced() {
    host.ifPresent(DaemonHost::ask);
    return new LaunchResult.SurelyNothing(
        FailureClass.UNREACHABLE,
        daemon.where() + " was away when this manager started; the next build may go there");
  }

  @Override
  public StopResult stop(WorkerRef worker) {
    try {
      if (!labels.isHere(worker)) {
        return new StopResult.Failed(elsewhere(worker));
      }
      Optional<InspectContainerResponse> present = containers.inspect(worker.name().value());
      if (present.isEmpty()) {
        return new StopResult.Asked();
      }
      if (Boolean.TRUE.equals(present.get().getState().getRunning())) {
        containers.end(worker.name());
      } else if (!isKept(present.get())) {
        containers.remove(worker.name());
      }
      return new StopResult.Asked();
    } catch (RuntimeException e) {
      return new StopResult.Failed(DaemonAnswer.words(e, daemon.where()));
    }
  }

  // Until its time is over somebody may look at it; then the reaper finds it in the inventory.
  private boolean isKept(InspectContainerResponse container) {
    Optional<Duration> keep = settings.common().keepFailed();
    Long code = container.getState().getExitCodeLong();
    return keep.isPresent()
        && ContainerSight.hasEnded(container.getState())
        && code != null
        && code != 0
        && ContainerSight.ended(container.getState())
            .filter(at -> at.plus(keep.get()).isAfter(clock.instant()))
            .isPresent();
  }

  @Override
  public Presence confirmGone(WorkerRef worker) {
    try {
      if (!labels.isHere(worker)) {
        return new Presence.Unknown(elsewhere(worker));
      }
      Optional<InspectContainerResponse> present = containers.inspect(worker.name().value());
      if (present.isEmpty()) {
        return new Presence.Gone(Exit.unknown());
      }
      InspectContainerResponse container = present.get();
      return ContainerSight.hasEnded(container.getState())
          ? new Presence.Gone(ContainerSight.exit(daemon, container.getId(), container.getState()))
          : new Presence.Present();
    } catch (RuntimeException e) {
      return new Presence.Unknown(DaemonAnswer.words(e, daemon.where()));
    }
  }

  @Override
  public List<String> printed(WorkerRef worker) {
    try {
      return labels.isHere(worker)
          ? ContainerSight.lastLines(daemon, worker.name().value())
          : List.of();
    } catch (RuntimeException e) {
      // What an ended worker said is no more to be had.
      return List.of();
    }
  }

  private static String elsewhere(WorkerRef worker) {
    return "worker %s is on another host's daemon"
        .formatted(worker.id().map(Object::toString).orElse(""));
  }

  @Override
  public Inventory list() {
    try {
      List<SeenWorker> workers =
          containers.all().stream()
              .filter(container -> !isKept(container))
              .flatMap(container -> containers.seen(container).stream())
              .toList();
      return new Inventory.Listed(workers);
    } catch (RuntimeException e) {
      return new Inventory.Unavailable(DaemonAnswer.words(e, daemon.where()));
    }
  }

  private boolean isKept(Container container) {
    return settings.common().keepFailed().isPresent()
        && containers.inspect(container.getId()).filter(this::isKept).isPresent();
  }

  @Override
  public Watch watch(WorkerListener listener) {
    return ContainerWatch.start(daemon, containers, labels, listener, ticker);
  }

  @Override
  public void close() {
    daemon.close();
  }
}
