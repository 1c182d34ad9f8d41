package dev.buildman.intake;

import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.queue.BuildRecord;

/**
 * Says why a build waits. Scripts write a reason when something happens to a build; a build that
 * only stands in the queue has nothing happen to it, so its reason follows from where it stands.
 */
final class WaitReason {

  private WaitReason() {}

  /**
   * @param held slots that are held now
   * @param allowed slots that there are
   */
  static BuildView.Standing of(BuildRecord.Standing standing, int held, int allowed) {
    boolean untold =
        standing.phase() == Phase.WAITING && standing.reason().equals(Reason.ENQUEUED.code());
    if (untold && standing.place() == Place.BEHIND) {
      return told(Reason.REPOSITORY_BUSY, Reason.REPOSITORY_BUSY.sentence());
    }
    if (untold && standing.place() == Place.HEAD && held >= allowed) {
      String full = "All workers are busy (%d of %d).".formatted(held, allowed);
      return told(Reason.CAPACITY_WAIT, allowed == 0 ? "No workers are allowed (0)." : full);
    }
    return new BuildView.Standing(standing.phase(), standing.reason(), standing.sentence());
  }

  private static BuildView.Standing told(Reason reason, String sentence) {
    return new BuildView.Standing(Phase.WAITING, reason.code(), sentence);
  }
}
