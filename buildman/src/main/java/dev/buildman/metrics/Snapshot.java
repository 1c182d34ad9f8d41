package dev.buildman.metrics;

import java.util.Map;

/**
 * What the installation looks like at one moment, the same for all its managers.
 *
 * @param builds by the word of their phase
 * @param queue builds or namespaces by how they wait: {@code runnable}, {@code delayed}, {@code
 *     parked}
 * @param oldestWaitSeconds age of the oldest build that waits; 0: none waits
 * @param jobs builds that a manager or a worker has
 * @param slotsHeld of {@code slotsAllowed}
 * @param liveByExecutor workers that each executor answers for
 * @param duties workers that are still to be seen gone
 * @param oldestDutySeconds age of the oldest of them; 0: none
 * @param managers that are present
 */
public record Snapshot(
    Map<String, Integer> builds,
    Map<String, Integer> queue,
    double oldestWaitSeconds,
    int jobs,
    int slotsHeld,
    int slotsAllowed,
    Map<String, Integer> liveByExecutor,
    int duties,
    double oldestDutySeconds,
    int managers) {
  public Snapshot {
    builds = Map.copyOf(builds);
    queue = Map.copyOf(queue);
    liveByExecutor = Map.copyOf(liveByExecutor);
  }
}
