package dev.buildman.agent.usage;

/**
 * What a worker uses.
 *
 * @param cpuMillis thousandths of a core, over the time since the reading before
 * @param memoryBytes resident now, or accounted to the worker's control group
 * @param diskBytes by which the file system of the work folder is fuller than at the first reading
 */
public record Usage(int cpuMillis, long memoryBytes, long diskBytes) {
  static final Usage NONE = new Usage(0, 0, 0);

  Usage atLeast(Usage other) {
    return new Usage(
        Math.max(cpuMillis, other.cpuMillis),
        Math.max(memoryBytes, other.memoryBytes),
        Math.max(diskBytes, other.diskBytes));
  }
}
