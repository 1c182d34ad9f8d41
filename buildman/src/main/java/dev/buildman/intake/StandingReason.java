package dev.buildman.intake;

import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.queue.BuildRecord;

/**
 * Says why a build stands where it stands. Scripts write a reason when something sends a build back
 * or ends it; a build that only waits in the queue, or that a worker has by now, has its reason
 * from its place.
 */
final class StandingReason {

  private StandingReason() {}

  /**
   * Of a build that waits or has ended.
   *
   * @param held slots that are held now
   * @param allowed slots that there are
   */
  static BuildView.Standing withoutJob(BuildRecord.Standing standing, int held, int allowed) {
    boolean untold =
        standing.phase() == Phase.WAITING && standing.reason().equals(Reason.ENQUEUED.code());
    if (untold && standing.place() == Place.BEHIND) {
      return told(standing, Reason.REPOSITORY_BUSY);
    }
    if (untold && standing.place() == Place.HEAD && held >= allowed) {
      String full =
          allowed == 0
              ? "No workers are allowed (ALLOWED_WORKER_COUNT is 0)."
              : "All workers are busy (%d of %d).".formatted(held, allowed);
      return new BuildView.Standing(Phase.WAITING, Reason.CAPACITY_WAIT.code(), full);
    }
    return new BuildView.Standing(standing.phase(), standing.reason(), standing.sentence());
  }

  /** Of a build that a manager or a worker has: what sent it back before is history. */
  static BuildView.Standing withJob(BuildRecord.Standing standing, JobRecord job) {
    return told(standing, reason(standing.phase(), job));
  }

  private static Reason reason(Phase phase, JobRecord job) {
    if (job.agent().flatMap(JobRecord.AgentState::carried).isPresent()) {
      return Reason.CARRIED;
    }
    if (phase != Phase.BUILD_SCHEDULED) {
      return Reason.PHASE_CHANGED;
    }
    if (job.agent().isPresent()) {
      return Reason.REGISTERED;
    }
    return switch (job.step()) {
      case CLAIMED -> Reason.CLAIMED;
      case INTENDED -> Reason.ATTEMPT_STARTED;
      case LAUNCHED -> Reason.LAUNCHED;
    };
  }

  private static BuildView.Standing told(BuildRecord.Standing standing, Reason reason) {
    return new BuildView.Standing(standing.phase(), reason.code(), reason.sentence());
  }
}
