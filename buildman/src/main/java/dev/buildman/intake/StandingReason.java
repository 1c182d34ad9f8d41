package dev.buildman.intake;

import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.queue.BuildRecord;
import java.util.Optional;
import java.util.function.Supplier;

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
   * @param room asked for heads only
   */
  static BuildView.Standing withoutJob(BuildRecord.Standing standing, Supplier<Room> room) {
    boolean waits = standing.phase() == Phase.WAITING;
    if (waits && standing.place() == Place.HEAD) {
      return head(standing, room.get())
          .map(why -> new BuildView.Standing(Phase.WAITING, why.reason(), why.sentence()))
          .orElseGet(() -> written(standing));
    }
    boolean untold = waits && standing.reason().equals(Reason.ENQUEUED.code());
    return untold && standing.place() == Place.BEHIND
        ? told(standing, Reason.REPOSITORY_BUSY)
        : written(standing);
  }

  /** What holds a head up now goes before what once sent it back; that stands in its history. */
  private static Optional<Why> head(BuildRecord.Standing standing, Room room) {
    Optional<Why> namespace = standing.namespace();
    // A free worker would not help.
    boolean alone =
        namespace
            .filter(why -> why.is(Reason.NAMESPACE_NOT_ALLOWED) || why.is(Reason.NAMESPACE_LIMIT))
            .isPresent();
    return alone ? namespace : room.none().or(() -> namespace);
  }

  private static BuildView.Standing written(BuildRecord.Standing standing) {
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
