package dev.buildman.executor.docker;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Installation;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What is written on a worker's container, so that any manager knows whose it is. */
final class ContainerLabels {
  private static final String DOMAIN = "buildman.dev/";
  private static final String INSTALLATION = DOMAIN + "installation";
  private static final String EXECUTOR = DOMAIN + "executor";
  private static final String BUILD = DOMAIN + "build";
  private static final String ATTEMPT = DOMAIN + "attempt";
  private static final String STATE = DOMAIN + "redis-state";

  /** As {@code docker ps} shows it. */
  private static final int SHORT = 12;

  private final Map<String, String> selector;
  private final Optional<DaemonHost> host;

  ContainerLabels(ExecutorName executor, Installation installation, Optional<DaemonHost> host) {
    this.selector = Map.of(INSTALLATION, installation.id(), EXECUTOR, executor.value());
    this.host = host;
  }

  /** Whose the workers are; empty: everybody's who reaches the daemon. */
  Optional<DaemonHost> host() {
    return host;
  }

  /** Selects the workers of this executor of this installation. */
  Map<String, String> selector() {
    return selector;
  }

  Map<String, String> labels(WorkerRequest request) {
    Map<String, String> labels = new TreeMap<>(selector);
    labels.put(BUILD, request.attempt().build().value());
    labels.put(ATTEMPT, Integer.toString(request.attempt().number()));
    labels.put(STATE, request.installation().state());
    return labels;
  }

  /** Whether a container that has a request's name was made for it. */
  boolean areOf(WorkerRequest request, @Nullable Map<String, String> present) {
    return present != null && present.entrySet().containsAll(labels(request).entrySet());
  }

  /**
   * The worker whose container this is; empty when the labels make no sense.
   *
   * @param name of the container, with or without its slash
   */
  Optional<SeenWorker> seen(String name, String id, Map<String, String> labels) {
    try {
      AttemptId attempt =
          new AttemptId(
              new BuildId(labels.getOrDefault(BUILD, "")),
              Integer.parseInt(labels.getOrDefault(ATTEMPT, "")));
      return ExecutionName.parse(name.startsWith("/") ? name.substring(1) : name)
          .map(
              worker ->
                  new SeenWorker(
                      attempt, WorkerRef.of(worker, id(id)), labels.getOrDefault(STATE, "")));
    } catch (IllegalArgumentException e) {
      // Somebody copied a part of our labels: it is no worker that a manager started.
      return Optional.empty();
    }
  }

  /** A local daemon's containers are named with their host: others have daemons of their own. */
  ExecutionId id(String container) {
    String text = container.substring(0, Math.min(SHORT, container.length()));
    return new ExecutionId(host.map(here -> here.get() + "/" + text).orElse(text));
  }

  /**
   * An id of this host, or none at all: then the caller's duty already belongs to this host. May
   * have to ask the daemon, as {@link DaemonHost#get}.
   */
  boolean isHere(WorkerRef worker) {
    return host.isEmpty()
        || worker.id().isEmpty()
        || worker.id().get().value().startsWith(host.get().get() + "/");
  }
}
