package dev.buildman.executor.popen;

import dev.buildman.executor.Executor;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.Presence;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerListener;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.runtime.FolderRemover;
import dev.buildman.runtime.Sleeper;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs workers as processes of this machine, each in a session of its own that outlives the
 * manager. What a worker leaves on disk tells the next manager how it ended.
 */
public final class PopenExecutor implements Executor {
  private static final Logger log = LoggerFactory.getLogger(PopenExecutor.class);

  private final PopenSettings settings;
  private final Workers workers;
  private final Remains remains;
  private final Ender ender;
  private final Set<PopenWatch> watches = ConcurrentHashMap.newKeySet();

  /**
   * @param host whose processes these are; part of every execution id
   * @param clock for how long a failed worker is kept
   */
  public PopenExecutor(
      PopenSettings settings,
      Installation installation,
      HostId host,
      Sleeper sleeper,
      InstantSource clock) {
    this.settings = settings;
    this.workers = new Workers(name(), installation, host, settings.workDirectory());
    this.remains = new Remains(workers.directory(), settings.common().keepFailed(), clock);
    this.ender = new Ender(workers, remains, settings.grace(), sleeper);
    log.warn(
        "builds run as this user, for trusted builds only: executor={}, user={}, folder={}",
        name(),
        System.getProperty("user.name"),
        workers.directory());
  }

  @Override
  public ExecutorName name() {
    return settings.common().name();
  }

  @Override
  public Optional<HostId> host() {
    return Optional.of(workers.host());
  }

  @Override
  public LaunchResult start(WorkerRequest request) {
    if (!Files.isExecutable(settings.binary())) {
      return new LaunchResult.SurelyNothing(
          FailureClass.UNREACHABLE,
          "there is no program at "
              + settings.binary()
              + ": install the agent there, or set BUILDER_BINARY_LOCATION");
    }
    WorkerFolder folder;
    try {
      Files.createDirectories(workers.directory());
      folder = WorkerFolder.create(workers.directory(), request, WorkerProcess.SCRIPT);
    } catch (FileAlreadyExistsException e) {
      return alreadyThere(request);
    } catch (IOException e) {
      FolderRemover.remove(workers.folder(request.name()).path());
      return nothing("no folder for the worker could be made in " + workers.directory(), e);
    }
    try {
      return started(WorkerProcess.start(settings, request, folder), folder);
    } catch (IOException e) {
      FolderRemover.remove(folder.path());
      return nothing("the worker's process could not be started", e);
    }
  }

  private LaunchResult started(Process process, WorkerFolder folder) {
    CompletableFuture<Void> woken =
        process.onExit().thenRun(() -> watches.forEach(PopenWatch::wake));
    try {
      Optional<LocalId> leader = workers.record(folder, process.pid());
      log.debug("worker started: name={}, ended={}", folder.name(), woken.isDone());
      return leader
          .<LaunchResult>map(local -> new LaunchResult.Started(local.toExecutionId()))
          .orElseGet(() -> new LaunchResult.Unknown("the worker's process ended at once"));
    } catch (IOException e) {
      return new LaunchResult.Unknown("the worker's start could not be written down: " + e);
    }
  }

  private LaunchResult alreadyThere(WorkerRequest request) {
    return workers
        .folder(request.name())
        .leader(workers.host())
        .<LaunchResult>map(local -> new LaunchResult.Started(local.toExecutionId()))
        .orElseGet(() -> new LaunchResult.Unknown("a launch under this name was begun before"));
  }

  private static LaunchResult nothing(String what, IOException cause) {
    return new LaunchResult.SurelyNothing(FailureClass.REFUSED, what + ": " + cause);
  }

  @Override
  public StopResult stop(WorkerRef worker) {
    if (!isHere(worker)) {
      return new StopResult.Failed(elsewhere(worker));
    }
    WorkerFolder folder = workers.folder(worker.name());
    try {
      folder.markStopped();
      if (workers.processes(worker).isEmpty()) {
        remains.clear(folder);
      } else {
        ender.end(worker);
      }
      return new StopResult.Asked();
    } catch (IOException e) {
      return new StopResult.Failed("the machine's processes could not be read: " + e);
    }
  }

  @Override
  public Presence confirmGone(WorkerRef worker) {
    if (!isHere(worker)) {
      return new Presence.Unknown(elsewhere(worker));
    }
    WorkerFolder folder = workers.folder(worker.name());
    try {
      if (!workers.processes(worker).isEmpty()) {
        return new Presence.Present();
      }
      Presence gone = new Presence.Gone(folder.traces());
      if (folder.isMarkedStopped()) {
        remains.clear(folder);
      }
      return gone;
    } catch (IOException e) {
      return new Presence.Unknown("the machine's processes could not be read: " + e);
    }
  }

  @Override
  public Inventory list() {
    try {
      return new Inventory.Listed(workers.all());
    } catch (IOException e) {
      return new Inventory.Unavailable("the machine's processes could not be read: " + e);
    }
  }

  @Override
  public Watch watch(WorkerListener listener) {
    PopenWatch watch = PopenWatch.start(workers, listener);
    watches.add(watch);
    return () -> {
      watches.remove(watch);
      watch.close();
    };
  }

  @Override
  public void close() {
    watches.forEach(PopenWatch::close);
  }

  // An id of this host, or none at all: then the caller's duty already belongs to this host.
  private boolean isHere(WorkerRef worker) {
    return worker.id().isEmpty()
        || worker
            .id()
            .flatMap(LocalId::parse)
            .filter(l -> l.host().equals(workers.host()))
            .isPresent();
  }

  private String elsewhere(WorkerRef worker) {
    return "worker " + worker.id().map(Object::toString).orElse("") + " is not on this host";
  }
}
