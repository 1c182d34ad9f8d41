package dev.buildman.reconcile;

import dev.buildman.executor.Executor;
import dev.buildman.executor.Presence;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.Watch;
import dev.buildman.executor.WorkerEvent;
import dev.buildman.executor.WorkerListener;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.Remark;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Tasks;
import java.util.Optional;

/**
 * Listens to what executors see of their workers, and ends the attempts of those that ended, at
 * once. The workers of an earlier manager are told of too: so adoption needs nothing more.
 */
public final class ExitWatch {
  private final Jobs jobs;
  private final WorkerEnds ends;
  private final Remark remark;
  private final Insistence insistence;
  private final KnownExecutors executors;
  private final Tasks tasks;

  /**
   * @param executors in the chain's order
   * @param tasks what is heard is worked on there
   */
  public ExitWatch(
      OrchestratorScripts scripts,
      KnownExecutors executors,
      Insistence insistence,
      Tasks tasks,
      Metrics metrics) {
    this.executors = executors;
    this.jobs = new Jobs(scripts);
    this.ends = new WorkerEnds(scripts, metrics);
    this.remark = new Remark(scripts);
    this.insistence = insistence;
    this.tasks = tasks;
  }

  /** Begins to listen. */
  public Watch watch(Executor executor) {
    return executor.watch(
        new WorkerListener() {
          @Override
          public void on(WorkerEvent event) {
            begin(executor, event);
          }

          @Override
          public boolean awaits(SeenWorker worker) {
            return isOpen(executor, worker);
          }
        });
  }

  private boolean isOpen(Executor executor, SeenWorker worker) {
    try {
      return job(executor, worker).isPresent();
    } catch (RedisUnavailable e) {
      // It may be: then the event waits for Redis.
      return true;
    }
  }

  private void begin(Executor executor, WorkerEvent event) {
    tasks.start(
        "worker-event-" + event.worker().attempt(),
        () -> {
          try {
            insistence.until(
                () -> {
                  take(executor, event);
                  return event;
                });
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  void take(Executor executor, WorkerEvent event) {
    Optional<JobRecord> job = job(executor, event.worker());
    if (job.isEmpty()) {
      // The attempt has ended before its worker: its duty does the rest.
      return;
    }
    switch (event) {
      case WorkerEvent.Exited exited -> {
        Presence presence = Workers.confirmGone(executor, exited.worker().ref());
        ends.ended(job.get(), exited.exit(), presence instanceof Presence.Gone);
      }
      case WorkerEvent.Notice(SeenWorker _, Reason reason, String sentence) ->
          ends.interrupted(job.get(), reason, sentence);
      case WorkerEvent.Stuck(SeenWorker _, Reason reason, String sentence) ->
          ends.stuck(job.get(), reason, sentence, executors.after(executor.name()));
      case WorkerEvent.Remark(SeenWorker worker, Reason reason, String sentence) -> {
        remark.run(worker.attempt(), reason, Optional.of(executor.name()), sentence);
      }
    }
  }

  /** The job whose worker it is. The name tells, as it carries the claim's nonce. */
  private Optional<JobRecord> job(Executor executor, SeenWorker worker) {
    return jobs.get(worker.attempt().build())
        .filter(
            job ->
                job.worker()
                    .filter(w -> w.executor().equals(executor.name()))
                    .filter(w -> w.name().equals(worker.name().value()))
                    .isPresent());
  }
}
