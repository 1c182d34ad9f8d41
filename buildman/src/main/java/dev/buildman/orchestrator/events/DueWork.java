package dev.buildman.orchestrator.events;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import java.util.List;

/**
 * What the sweep shall do now, in the order of the components.
 *
 * @param jobs whose deadline has passed: Expire
 * @param fences that are over: LetGo
 * @param delayed builds whose time has come: WakeDelayed
 * @param parked builds and namespaces whose time has come: WakeParked
 * @param slots held for too long: ReleaseSlot
 * @param logs of builds that ended 30 s ago: close the log, then LogClosed
 * @param duties whether duties of the asking host are due: TakeDuties
 */
public record DueWork(
    List<BuildId> jobs,
    List<AttemptId> fences,
    List<BuildId> delayed,
    List<String> parked,
    List<AttemptId> slots,
    List<BuildId> logs,
    boolean duties) {
  /** Whether nothing is due. */
  public boolean isEmpty() {
    return jobs.isEmpty()
        && fences.isEmpty()
        && delayed.isEmpty()
        && parked.isEmpty()
        && slots.isEmpty()
        && logs.isEmpty()
        && !duties;
  }
}
