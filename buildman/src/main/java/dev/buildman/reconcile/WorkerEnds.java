package dev.buildman.reconcile;

import dev.buildman.executor.Exit;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.AgentKind;
import dev.buildman.model.Ending;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.EndNote;
import dev.buildman.orchestrator.Ended;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.OrchestratorStatus;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.job.FinishExit;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.job.WorkerHandle;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends attempts by what their executors say of the workers. Blocks, throws when Redis is away, and
 * may be repeated: an attempt that has ended is left alone.
 */
final class WorkerEnds {
  private static final Logger log = LoggerFactory.getLogger(WorkerEnds.class);
  private static final int LINES_TOLD = 5;

  private final Jobs jobs;
  private final FinishExit finishExit;
  private final StatusReader status;
  private final Metrics metrics;

  WorkerEnds(OrchestratorScripts scripts, Metrics metrics) {
    this.jobs = new Jobs(scripts);
    this.finishExit = new FinishExit(scripts);
    this.status = new StatusReader(scripts);
    this.metrics = metrics;
  }

  /**
   * A worker ended.
   *
   * @param gone whether its executor confirmed that nothing of it is left
   */
  void ended(JobRecord job, Exit exit, boolean gone) {
    finish(
        job,
        gone,
        present -> {
          Ending ending = ending(present, exit);
          return new EndNote(ending, ending.reason(), sentence(ending, exit));
        });
  }

  /** The provider takes a worker away, or lost sight of it; it may go on for a while. */
  void interrupted(JobRecord job, Reason reason, String sentence) {
    finish(job, false, _ -> new EndNote(Ending.PROVIDER_INTERRUPTION, reason, sentence));
  }

  /**
   * A worker will never run.
   *
   * @param next executor after this one; empty: this is the chain's last
   */
  void stuck(JobRecord job, Reason reason, String sentence, Optional<ExecutorName> next) {
    switch (reason) {
      // The cluster had no room for it, or was not ready for any: no build pays for that.
      case UNSCHEDULABLE, QUOTA_EXCEEDED, EXECUTOR_UNAVAILABLE, SECCOMP_PROFILE_MISSING -> {
        EndNote end = new EndNote(Ending.NO_ROOM_THERE, reason, sentence);
        told(job, end, false, finishExit.noRoom(job.ref(), executor(job), end, next));
      }
      case IMAGE_PULL_FAILED ->
          finish(job, false, _ -> new EndNote(Ending.WORKER_IMAGE_MISSING, reason, sentence));
      default -> finish(job, false, _ -> new EndNote(Ending.NEVER_REGISTERED, reason, sentence));
    }
  }

  /** Decides anew when the phase has changed meanwhile: what an exit means depends on it. */
  private void finish(JobRecord job, boolean gone, Function<JobRecord, EndNote> note) {
    JobRecord present = job;
    while (true) {
      EndNote end = note.apply(present);
      Result<Ended> result =
          finishExit.run(present.ref(), executor(present), end, Optional.of(present.phase()), gone);
      told(job, end, gone, result);
      if (!result.refused(Refusal.PHASE_CHANGED)) {
        return;
      }
      Optional<JobRecord> again =
          jobs.get(job.attempt().build()).filter(j -> j.ref().equals(job.ref()));
      if (again.isEmpty()) {
        return;
      }
      present = again.get();
    }
  }

  private void told(JobRecord job, EndNote end, boolean gone, Result<Ended> result) {
    if (result instanceof Result.Applied<Ended>(Ended ended)) {
      log.info(
          "attempt ended: attempt={}, ending={}, gone={}, sentence={}",
          job.attempt(),
          end.ending(),
          gone,
          end.sentence());
      DueActions.count(metrics, ended);
    }
  }

  private static ExecutorName executor(JobRecord job) {
    return job.worker()
        .map(WorkerHandle::executor)
        .orElseThrow(() -> new IllegalArgumentException("no worker before the intent"));
  }

  private Ending ending(JobRecord job, Exit exit) {
    AgentKind kind = job.agent().map(JobRecord.AgentState::kind).orElse(AgentKind.OURS);
    boolean away = kind == AgentKind.QUAY && job.agent().filter(this::managerWasAway).isPresent();
    return exit.how().ending(kind, job.agent().isPresent(), job.phase(), away);
  }

  /** Whether Quay's agent may have died of our absence since its last message. */
  private boolean managerWasAway(JobRecord.AgentState agent) {
    OrchestratorStatus now = status.read();
    boolean grace = now.outage().graceFrom().filter(agent.lastBeat()::isBefore).isPresent();
    Optional<ManagerInfo> streams =
        now.managers().stream().filter(m -> m.id().equals(agent.streams())).findFirst();
    return grace || streams.isEmpty() || streams.get().draining();
  }

  private static String sentence(Ending ending, Exit exit) {
    String reason = ending.reason().sentence().replaceFirst("\\.$", "");
    String words = reason + " (" + exit.how().describe() + ").";
    List<String> lines = exit.lastLines();
    List<String> last = lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size());
    return last.isEmpty() ? words : words + " Its last lines: " + String.join(" | ", last);
  }
}
