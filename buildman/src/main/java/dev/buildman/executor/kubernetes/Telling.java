package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Exit;
import dev.buildman.executor.LastLines;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerListener;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Threads;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a listener each thing once. A watch repeats itself, and a worker's end is to be seen for as
 * long as its Job is there; what the listener could not take is told again.
 */
final class Telling {
  private static final Logger log = LoggerFactory.getLogger(Telling.class);

  /** A pod that is told to end may take its grace, of at most so many looks. */
  private static final int LOOKS = 60;

  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private volatile boolean closed;
  private final Cluster cluster;
  private final WorkerKind kind;
  private final WorkerListener listener;
  private final Map<String, Set<Class<?>>> told = new ConcurrentHashMap<>();
  private final Set<String> failed = ConcurrentHashMap.newKeySet();

  Telling(Cluster cluster, WorkerKind kind, WorkerListener listener) {
    this.cluster = cluster;
    this.kind = kind;
    this.listener = listener;
  }

  /** Tells it, unless it was told before. */
  void once(WorkerEvent event) {
    if (isNew(event.worker().name().value(), event.getClass())) {
      tell(event);
    }
  }

  /** Tells of an end; reads the log on a thread of its own, as that may take long. */
  void end(SeenWorker worker, Sight.Ended ended) {
    String name = worker.name().value();
    if (isNew(name, WorkerEvent.Exited.class)) {
      Threads.start(
          "kubernetes-end-" + worker.attempt(),
          () -> {
            // Most have had their answer: what they printed nobody will read.
            if (listener.awaits(worker)) {
              tell(new WorkerEvent.Exited(worker, exit(name, ended)));
            }
          });
    }
  }

  private Exit exit(String name, Sight.Ended ended) {
    Sight.Ended sure = ended.pod().isEmpty() ? again(name, ended) : ended;
    List<String> lines = new ArrayList<>(sure.exit().lastLines());
    if (!sure.pod().isEmpty()) {
      try {
        List<String> printed = cluster.log(sure.pod()).lines().toList();
        if (!printed.isEmpty()) {
          // The status has the end of the same log.
          lines.removeIf(printed::contains);
          lines.addAll(printed);
        }
      } catch (KubernetesClientException | IllegalStateException e) {
        log.debug("a worker's log could not be read: worker={}, cause={}", name, e.toString());
      }
    }
    return new Exit(kind.exit(new Exit(sure.exit().how(), lines)), LastLines.masked(lines));
  }

  // A Job's end, or its deletion, may overtake its pod on another watch, and only the pod knows how
  // the worker ended, and when (K17).
  private Sight.Ended again(String name, Sight.Ended seen) {
    try {
      for (int look = 0; look < LOOKS; look++) {
        List<Pod> pods = cluster.podsOf(name);
        if (pods.isEmpty()) {
          return seen;
        }
        Job job = cluster.job(name).orElse(null);
        if (WorkerSight.read(job, pods, List.of()) instanceof Sight.Ended ended) {
          return ended;
        }
        if (closed) {
          return seen;
        }
        Sleeper.system().sleep(BETWEEN_LOOKS);
      }
    } catch (KubernetesClientException | IllegalStateException e) {
      // The latter is the library's word for a client that was closed meanwhile.
      log.debug("a worker's pod could not be read: worker={}, cause={}", name, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return seen;
  }

  /** Nothing more is told: the next manager sees the same ends again. */
  void close() {
    closed = true;
  }

  private void tell(WorkerEvent event) {
    if (closed) {
      return;
    }
    try {
      listener.on(event);
    } catch (RuntimeException e) {
      String name = event.worker().name().value();
      log.warn("worker event not taken, it is told again: worker={}", name, e);
      forget(name, event.getClass());
      failed.add(name);
    }
  }

  /** Names of workers that something must be told of again. */
  Set<String> again() {
    Set<String> names = new HashSet<>(failed);
    failed.removeAll(names);
    return names;
  }

  /** Nothing of this worker is left. */
  void forget(String name) {
    told.remove(name);
  }

  // It may be forgotten meanwhile, with all that was told of it.
  private void forget(String name, Class<? extends WorkerEvent> kind) {
    Set<Class<?>> kinds = told.get(name);
    if (kinds != null) {
      kinds.remove(kind);
    }
  }

  private boolean isNew(String name, Class<? extends WorkerEvent> kind) {
    return told.computeIfAbsent(name, _ -> ConcurrentHashMap.newKeySet()).add(kind);
  }
}
