package dev.buildman.schedule;

import dev.buildman.executor.ExecutionId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.duty.LaunchAnswered;
import dev.buildman.orchestrator.events.Remark;
import dev.buildman.orchestrator.job.Intend;
import dev.buildman.orchestrator.job.Launched;
import dev.buildman.orchestrator.job.MoveOn;
import dev.buildman.orchestrator.job.WorkerPlace;
import dev.buildman.orchestrator.queue.Park;
import dev.buildman.orchestrator.queue.ParkNamespace;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The commands of a claim's walk, each repeated unchanged until it is answered. */
public final class WalkCommands {
  private static final Duration NAMESPACE_PAUSE = Duration.ofSeconds(5);

  private final OrchestratorScripts scripts;
  private final Insistence insistence;
  private final Intend intend;
  private final Launched launched;
  private final MoveOn moveOn;
  private final Remark remark;
  private final LaunchAnswered launchAnswered;

  public WalkCommands(OrchestratorScripts scripts, Insistence insistence) {
    this.scripts = scripts;
    this.insistence = insistence;
    this.intend = new Intend(scripts);
    this.launched = new Launched(scripts);
    this.moveOn = new MoveOn(scripts);
    this.remark = new Remark(scripts);
    this.launchAnswered = new LaunchAnswered(scripts);
  }

  Result<?> intend(ChainLink link, Launcher.Prepared attempt) throws InterruptedException {
    WorkerPlace place = place(link, attempt);
    return insistence.until(() -> intend.run(attempt.job(), place));
  }

  Result<?> launched(JobRef job, ExecutionId id, Duration setupTime) throws InterruptedException {
    return insistence.until(() -> launched.run(job, id.value(), setupTime));
  }

  /** Of a launch that was answered when its attempt had ended. */
  void answered(JobRef job, Optional<ExecutionId> started) throws InterruptedException {
    insistence.until(() -> launchAnswered.run(job, started.map(ExecutionId::value)));
  }

  Result<JobRef> next(
      JobRef job, ChainLink link, Launcher.Prepared attempt, Reason reason, String sentence)
      throws InterruptedException {
    WorkerPlace place = place(link, attempt);
    return insistence.until(() -> moveOn.next(job, place, reason, sentence));
  }

  Result<?> last(JobRef job, Reason reason, String sentence) throws InterruptedException {
    return insistence.until(() -> moveOn.last(job, reason, sentence));
  }

  Result<?> impossible(JobRef job, String sentence) throws InterruptedException {
    return insistence.until(() -> moveOn.impossible(job, Reason.UNSATISFIABLE, sentence));
  }

  Result<?> ambiguous(JobRef job, Optional<ExecutorName> next, String sentence)
      throws InterruptedException {
    return insistence.until(() -> moveOn.ambiguous(job, next, Reason.LAUNCH_UNKNOWN, sentence));
  }

  void park(JobRef job, Parking parking) throws InterruptedException {
    if (parking.namespace()) {
      ParkNamespace park = new ParkNamespace(scripts);
      insistence.until(
          () ->
              park.run(job, parking.kind(), parking.reason(), parking.sentence(), NAMESPACE_PAUSE));
    } else {
      Park park = new Park(scripts);
      insistence.until(() -> park.run(job, parking.kind(), parking.reason(), parking.sentence()));
    }
  }

  /** Writes into the build's history which executors were passed over before one took it. */
  void remark(JobRef job, List<Skip> skips) throws InterruptedException {
    for (Skip skip : skips) {
      insistence.until(
          () ->
              remark.run(
                  job.attempt(),
                  Reason.EXECUTOR_SKIPPED,
                  Optional.of(skip.executor()),
                  skip.toString()));
    }
  }

  private WorkerPlace place(ChainLink link, Launcher.Prepared attempt) {
    return link.place(attempt.name(), scripts.limits().times().machineMax());
  }
}
