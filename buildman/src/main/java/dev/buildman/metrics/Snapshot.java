package dev.buildman.metrics;

import java.util.Map;

/**
 * What the installation looks like at one moment, the same for all its managers.
 *
 * @param waiting builds by where they wait: {@code behind}, {@code head}, {@code delayed}, {@code
 *     parked}
 * @param oldestWaitSeconds age of the oldest build that waits; 0: none waits
 * @param jobs live jobs
 * @param slotsHeld of {@code slotsAllowed}
 * @param liveByExecutor workers that each executor answers for
 * @param duties workers that are still to be seen gone
 * @param oldestDutySeconds age of the oldest of them; 0: none
 * @param managers that are present
 */
public record Snapshot(
    Map<String, Long> waiting,
    double oldestWaitSeconds,
    long jobs,
    long slotsHeld,
    long slotsAllowed,
    Map<String, Long> liveByExecutor,
    long duties,
    double oldestDutySeconds,
    long managers) {
  public Snapshot {
    waiting = Map.copyOf(waiting);
    liveByExecutor = Map.copyOf(liveByExecutor);
  }
}
