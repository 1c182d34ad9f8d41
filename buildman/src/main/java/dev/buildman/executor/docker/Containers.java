package dev.buildman.executor.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Container;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.SeenWorker;
import dev.buildman.runtime.Threads;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The workers' containers of one daemon, by their names. What the daemon refuses is thrown. */
final class Containers {
  private static final Logger log = LoggerFactory.getLogger(Containers.class);

  private final Daemon daemon;
  private final ContainerLabels labels;
  private final Duration grace;
  private final Set<ExecutionName> ending = ConcurrentHashMap.newKeySet();

  /**
   * @param grace from the polite signal to the one that cannot be caught
   */
  Containers(Daemon daemon, ContainerLabels labels, Duration grace) {
    this.daemon = daemon;
    this.labels = labels;
    this.grace = grace;
  }

  /** One by its name or id; empty: there is none. */
  Optional<InspectContainerResponse> inspect(String container) {
    try {
      return Optional.of(daemon.calls().inspectContainerCmd(container).exec());
    } catch (NotFoundException e) {
      return Optional.empty();
    }
  }

  /** Those of this executor of this installation, running or ended. */
  List<Container> all() {
    return daemon
        .calls()
        .listContainersCmd()
        .withShowAll(true)
        .withLabelFilter(labels.selector())
        .exec();
  }

  /** The worker whose container this is; empty when it is nobody's. */
  Optional<SeenWorker> seen(Container container) {
    return container.getNames().length == 0
        ? Optional.empty()
        : labels.seen(container.getNames()[0], container.getId(), container.getLabels());
  }

  /** Removes one with its anonymous volumes, whatever still runs in it; also one that is gone. */
  void remove(ExecutionName name) {
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

  /**
   * Begins to end one, and removes it then. The daemon answers when it has ended; a manager that
   * dies meanwhile leaves a container whose duty the next one takes over.
   */
  void end(ExecutionName name) {
    if (!ending.add(name)) {
      return;
    }
    Thread thread =
        Threads.start(
            "docker-stop-" + name,
            () -> {
              try {
                stopAndRemove(name);
              } finally {
                ending.remove(name);
              }
            });
    log.debug("worker is stopped: name={}, thread={}", name, thread.getName());
  }

  private void stopAndRemove(ExecutionName name) {
    try {
      daemon.streams().stopContainerCmd(name.value()).withTimeout((int) grace.toSeconds()).exec();
      remove(name);
    } catch (NotFoundException | NotModifiedException e) {
      log.debug("worker had ended: name={}", name);
    } catch (RuntimeException e) {
      log.warn(
          "worker not stopped, it is tried again: name={}, cause={}",
          name,
          DaemonAnswer.words(e, daemon.where()));
    }
  }
}
