package dev.buildman.reconcile;

import dev.buildman.metrics.Metrics;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.events.LogClosed;
import dev.buildman.orchestrator.job.Expire;
import dev.buildman.orchestrator.job.Expired;
import dev.buildman.orchestrator.job.ReleaseSlot;
import dev.buildman.orchestrator.queue.LetGo;
import dev.buildman.orchestrator.queue.WakeDelayed;
import dev.buildman.orchestrator.queue.WakeParked;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done when a time has come, by event and by sweep alike. Every method may be called by any
 * manager at any time: the scripts refuse what is not due. Each says whether it changed anything.
 */
public final class DueActions {
  private static final Logger log = LoggerFactory.getLogger(DueActions.class);

  private final OrchestratorScripts scripts;
  private final EndedLogs logs;
  private final Hooks hooks;
  private final Metrics metrics;

  public DueActions(OrchestratorScripts scripts, EndedLogs logs, Hooks hooks, Metrics metrics) {
    this.scripts = scripts;
    this.logs = logs;
    this.hooks = hooks;
    this.metrics = metrics;
  }

  /** A job's deadline. */
  boolean expire(BuildId build) {
    Result<Expired> result = new Expire(scripts).run(build);
    if (!(result instanceof Result.Applied<Expired>(Expired expired))) {
      return false;
    }
    log.info("deadline passed: build={}, what={}", build, expired);
    if (expired instanceof Expired.AttemptEnded(Ended ended)) {
      count(metrics, ended);
    }
    hooks.runnable();
    return true;
  }

  /** The push of an ended attempt can no longer go on. */
  boolean letGo(AttemptId attempt) {
    return runnable(new LetGo(scripts).run(attempt));
  }

  boolean wakeDelayed(BuildId build) {
    return runnable(new WakeDelayed(scripts).run(build));
  }

  /**
   * @param member a build's id or a namespace, as {@code Due} gave it
   */
  boolean wakeParked(String member) {
    return runnable(new WakeParked(scripts).run(member));
  }

  /** Capacity came free: wakes what waits for it. */
  void wakeForRoom(int most) {
    new WakeParked(scripts).byEvent(most);
    hooks.room();
  }

  /** A worker was not seen to end in time. */
  boolean releaseSlot(AttemptId attempt) {
    boolean applied = new ReleaseSlot(scripts).run(attempt) instanceof Result.Applied;
    if (applied) {
      log.warn("slot freed, though its worker was not seen to end: attempt={}", attempt);
      metrics.slotReleased();
      hooks.room();
    }
    return applied;
  }

  /** A build ended some time ago. */
  boolean closeLog(BuildId build) {
    logs.close(build);
    return new LogClosed(scripts).run(build) instanceof Result.Applied;
  }

  private boolean runnable(Result<?> result) {
    boolean applied = result instanceof Result.Applied;
    if (applied) {
      hooks.runnable();
    }
    return applied;
  }

  static void count(Metrics metrics, Ended ended) {
    if (ended.repeated()) {
      metrics.attemptRepeated(ended.reason().code());
    } else {
      metrics.buildEnded(ended.phase().word(), ended.reason().code());
    }
  }
}
