package dev.buildman.reconcile;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.Executor;
import dev.buildman.executor.Presence;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.WorkerRef;
import dev.buildman.orchestrator.job.WorkerHandle;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks executors; what one throws is a defect of it, and means that nothing is known. */
final class Workers {
  private static final Logger log = LoggerFactory.getLogger(Workers.class);

  private Workers() {}

  static WorkerRef ref(WorkerHandle worker) {
    return new WorkerRef(
        new ExecutionName(worker.name()), worker.executionId().map(ExecutionId::new));
  }

  static StopResult stop(Executor executor, WorkerRef worker) {
    try {
      return executor.stop(worker);
    } catch (RuntimeException e) {
      log.error("stop failed: executor={}, worker={}", executor.name(), worker.name(), e);
      return new StopResult.Failed(e.toString());
    }
  }

  static Presence confirmGone(Executor executor, WorkerRef worker) {
    try {
      return executor.confirmGone(worker);
    } catch (RuntimeException e) {
      log.error("look failed: executor={}, worker={}", executor.name(), worker.name(), e);
      return new Presence.Unknown(e.toString());
    }
  }

  /** As {@link Executor#awaitGone}. */
  static Presence awaitGone(Executor executor, WorkerRef worker, Duration limit)
      throws InterruptedException {
    try {
      return executor.awaitGone(worker, limit);
    } catch (RuntimeException e) {
      log.error("look failed: executor={}, worker={}", executor.name(), worker.name(), e);
      return new Presence.Unknown(e.toString());
    }
  }

  static List<String> printed(Executor executor, WorkerRef worker) {
    try {
      return executor.printed(worker);
    } catch (RuntimeException e) {
      log.error("no output: executor={}, worker={}", executor.name(), worker.name(), e);
      return List.of();
    }
  }
}
