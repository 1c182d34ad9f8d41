package dev.buildman.executor.popen;

import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.WorkerRef;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Threads;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends whole process trees: TERM to all, after the grace KILL to all, again and again until a scan
 * finds nobody, as the dying may start others meanwhile.
 */
final class Ender {
  private static final Logger log = LoggerFactory.getLogger(Ender.class);
  private static final Duration SCAN = Duration.ofMillis(50);
  // A process that outlives KILL hangs in the kernel; the duty comes back for it.
  private static final Duration FORCE_FOR = Duration.ofSeconds(20);

  private final Workers workers;
  private final Remains remains;
  private final Duration grace;
  private final Sleeper sleeper;
  private final Set<ExecutionName> underWay = ConcurrentHashMap.newKeySet();

  Ender(Workers workers, Remains remains, Duration grace, Sleeper sleeper) {
    this.workers = workers;
    this.remains = remains;
    this.grace = grace;
    this.sleeper = sleeper;
  }

  /** Begins to end a worker, in the background; does nothing where that is under way. */
  void end(WorkerRef worker) {
    if (underWay.add(worker.name())) {
      Threads.start("popen-stop-" + worker.name(), () -> endAndForget(worker));
    }
  }

  private void endAndForget(WorkerRef worker) {
    try {
      endNow(worker);
    } catch (IOException e) {
      log.warn("worker not stopped: name={}, cause={}", worker.name(), e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      underWay.remove(worker.name());
    }
  }

  private void endNow(WorkerRef worker) throws IOException, InterruptedException {
    Collection<ProcessStat> alive = workers.processes(worker);
    alive.forEach(process -> signal(process, false));
    Duration waited = Duration.ZERO;
    while (!alive.isEmpty()) {
      if (waited.compareTo(grace.plus(FORCE_FOR)) > 0) {
        log.warn("worker outlives KILL: name={}, processes={}", worker.name(), alive.size());
        return;
      }
      sleeper.sleep(SCAN);
      waited = waited.plus(SCAN);
      alive = workers.processes(worker);
      if (waited.compareTo(grace) >= 0) {
        alive.forEach(process -> signal(process, true));
      }
    }
    remains.clear(workers.folder(worker.name()));
  }

  private static void signal(ProcessStat process, boolean force) {
    ProcessHandle.of(process.pid())
        .ifPresent(
            handle -> {
              boolean asked = force ? handle.destroyForcibly() : handle.destroy();
              log.debug("signalled: pid={}, force={}, done={}", process.pid(), force, asked);
            });
  }
}
