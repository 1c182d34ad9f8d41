package dev.buildman.executor.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import dev.buildman.executor.ExecutionName;
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
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs workers as containers of one daemon, Docker's or Podman's. */
public final class DockerExecutor implements Executor {
  private static final Logger log = LoggerFactory.getLogger(DockerExecutor.class);

  private final DockerSettings settings;
  private final Optional<HostId> host;
  private final InstantSource clock;
  private final Ticker ticker;
  private final Duration grace;
  private final Daemon daemon;
  private final ContainerLabels labels;
  private final WorkerSpec spec;
  private final WorkerImage image;
  private final Fitness fitness;
  private final Set<ExecutionName> ending = ConcurrentHashMap.newKeySet();

  /**
   * Calls nothing: a daemon that is away must not keep a manager from starting.
   *
   * @param host of the workers of a daemon on a local socket; unused for one over the network
   * @param clock for how long a failed worker is kept
   * @throws IllegalArgumentException when the files of its TLS are of no use
   */
  public DockerExecutor(
      DockerSettings settings,
      Installation installation,
      HostId host,
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
      HostId host,
      Ticker ticker,
      InstantSource clock,
      Duration grace) {
    this.grace = grace;
    this.settings = settings;
    this.host = settings.access().isLocal() ? Optional.of(host) : Optional.empty();
    this.clock = clock;
    this.ticker = ticker;
    this.daemon = new Daemon(settings.access());
    this.labels = new ContainerLabels(name(), installation, this.host);
    this.spec = new WorkerSpec(settings, labels);
    this.image = new WorkerImage(daemon, settings.image(), ticker);
    this.fitness = new Fitness(daemon, image);
  }

  /** Looks what is missing for it to work, says it in the log, and begins to pull the image. */
  public void check() {
    fitness
        .trouble()
        .ifPresent(
            trouble ->
                log.warn(
                    "executor cannot work yet: executor={}, {}",
                    name(),
                    ((LaunchResult.SurelyNothing) trouble).sentence()));
  }

  @Override
  public ExecutorName name() {
    return settings.common().name();
  }

  @Override
  public Optional<HostId> host() {
    return host;
  }

  @Override
  public LaunchResult start(WorkerRequest request) {
    Optional<LaunchResult> unfit = fitness.trouble();
    if (unfit.isPresent()) {
      return unfit.get();
    }
    try {
      byte[] handedOver =
          HandOver.tar(request, !settings.common().tokenInEnv(), settings.worker().files());
      String id =
          spec.fill(daemon.calls().createContainerCmd(image.reference()), request).exec().getId();
      return begin(request, id, handedOver);
    } catch (NotFoundException e) {
      // Somebody removed it, or cleaned up: the next launch pulls it again.
      image.lost();
      return DaemonAnswer.launch(e, daemon.where());
    } catch (RuntimeException e) {
      return DaemonAnswer.isNameTaken(e)
          ? conflict(request, e)
          : DaemonAnswer.launch(e, daemon.where());
    } catch (IOException e) {
      return new LaunchResult.SurelyNothing(
          FailureClass.REFUSED, "a certificate for the worker cannot be read: " + e);
    }
  }

  /** The container is there, and waits; what it needs comes before it is started. */
  private LaunchResult begin(WorkerRequest request, String id, byte[] handedOver) {
    try {
      daemon
          .calls()
          .copyArchiveToContainerCmd(id)
          .withRemotePath(HandOver.FOLDER)
          .withTarInputStream(new ByteArrayInputStream(handedOver))
          .exec();
      daemon.calls().startContainerCmd(id).exec();
      return new LaunchResult.Started(labels.id(id));
    } catch (NotModifiedException e) {
      return new LaunchResult.Started(labels.id(id));
    } catch (DockerException e) {
      LaunchResult result = DaemonAnswer.launch(e, daemon.where());
      return result instanceof LaunchResult.SurelyNothing ? takeBack(request, result) : result;
    } catch (RuntimeException e) {
      return new LaunchResult.Unknown(DaemonAnswer.words(e, daemon.where()));
    }
  }

  private LaunchResult takeBack(WorkerRequest request, LaunchResult result) {
    try {
      remove(request.name());
      return result;
    } catch (RuntimeException e) {
      return new LaunchResult.Unknown(
          "a container was made and not started: " + DaemonAnswer.words(e, daemon.where()));
    }
  }

  /** The name is taken: by this very launch, or by a container on its way out. */
  private LaunchResult conflict(WorkerRequest request, RuntimeException conflict) {
    try {
      Optional<InspectContainerResponse> present = inspect(request.name());
      if (present.isEmpty() || !labels.areOf(request, present.get().getConfig().getLabels())) {
        return new LaunchResult.Unknown(DaemonAnswer.words(conflict, daemon.where()));
      }
      if ("created".equals(present.get().getState().getStatus())) {
        return new LaunchResult.Unknown("a launch under this name was begun before");
      }
      return new LaunchResult.Started(labels.id(present.get().getId()));
    } catch (RuntimeException e) {
      return new LaunchResult.Unknown(DaemonAnswer.words(e, daemon.where()));
    }
  }

  private Optional<InspectContainerResponse> inspect(ExecutionName name) {
    try {
      return Optional.of(daemon.calls().inspectContainerCmd(name.value()).exec());
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  public StopResult stop(WorkerRef worker) {
    if (!labels.isHere(worker)) {
      return new StopResult.Failed(elsewhere(worker));
    }
    try {
      Optional<InspectContainerResponse> present = inspect(worker.name());
      if (present.isEmpty()) {
        return new StopResult.Asked();
      }
      InspectContainerResponse container = present.get();
      if (Boolean.TRUE.equals(container.getState().getRunning())) {
        end(worker.name());
      } else if (!isKept(container)) {
        remove(worker.name());
      }
      return new StopResult.Asked();
    } catch (RuntimeException e) {
      return new StopResult.Failed(DaemonAnswer.words(e, daemon.where()));
    }
  }

  // The daemon answers when the container has ended. A manager that dies meanwhile leaves a
  // container whose duty the next one takes over.
  private void end(ExecutionName name) {
    if (!ending.add(name)) {
      return;
    }
    Thread end =
        Threads.start(
            "docker-stop-" + name,
            () -> {
              try {
                daemon
                    .streams()
                    .stopContainerCmd(name.value())
                    .withTimeout((int) grace.toSeconds())
                    .exec();
                remove(name);
              } catch (NotFoundException | NotModifiedException e) {
                log.debug("worker had ended: name={}", name);
              } catch (RuntimeException e) {
                log.warn(
                    "worker not stopped, it is tried again: name={}, cause={}",
                    name,
                    DaemonAnswer.words(e, daemon.where()));
              } finally {
                ending.remove(name);
              }
            });
    log.debug("worker is stopped: name={}, thread={}", name, end.getName());
  }

  // With its anonymous volumes, and whatever still runs in it.
  private void remove(ExecutionName name) {
    try {
      daemon
          .calls()
          .removeContainerCmd(name.value())
          .withForce(true)
          .withRemoveVolumes(true)
          .exec();
    } catch (NotFoundException e) {
      log.debug("container was gone: name={}", name);
    } catch (ConflictException e) {
      // It is being removed by an earlier request.
      log.debug("container not removed twice: name={}, cause={}", name, e.getMessage());
    }
  }

  // Until then somebody may look at it.
  private boolean isKept(InspectContainerResponse container) {
    Long code = container.getState().getExitCodeLong();
    return settings.common().keepFailed().isPresent()
        && ContainerSight.hasEnded(container.getState())
        && code != null
        && code != 0
        && ContainerSight.ended(container.getState())
            .map(at -> at.plus(settings.common().keepFailed().get()))
            .filter(until -> until.isAfter(clock.instant()))
            .isPresent();
  }

  @Override
  public Presence confirmGone(WorkerRef worker) {
    if (!labels.isHere(worker)) {
      return new Presence.Unknown(elsewhere(worker));
    }
    try {
      Optional<InspectContainerResponse> present = inspect(worker.name());
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

  private String elsewhere(WorkerRef worker) {
    return "worker %s is on another host's daemon"
        .formatted(worker.id().map(Object::toString).orElse(""));
  }

  @Override
  public Inventory list() {
    try {
      boolean keeps = settings.common().keepFailed().isPresent();
      List<SeenWorker> workers =
          containers().stream()
              .filter(container -> !keeps || !isKept(container.getId()))
              .flatMap(container -> seen(container).stream())
              .toList();
      return new Inventory.Listed(workers);
    } catch (RuntimeException e) {
      return new Inventory.Unavailable(DaemonAnswer.words(e, daemon.where()));
    }
  }

  private boolean isKept(String id) {
    try {
      return isKept(daemon.calls().inspectContainerCmd(id).exec());
    } catch (NotFoundException e) {
      return false;
    }
  }

  private List<Container> containers() {
    return daemon
        .calls()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(labels.selector())
        .exec();
  }

  private Optional<SeenWorker> seen(Container container) {
    return container.getNames().length == 0
        ? Optional.empty()
        : labels.seen(container.getNames()[0], container.getId(), container.getLabels());
  }

  @Override
  public Watch watch(WorkerListener listener) {
    return ContainerWatch.start(daemon, labels, listener, ticker);
  }

  @Override
  public void close() {
    daemon.close();
  }
}
