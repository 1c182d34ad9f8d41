package dev.buildman.executor.popen;

import dev.buildman.executor.ExecutionId;
import dev.buildman.model.HostId;
import java.util.Optional;

/**
 * The execution id of a local worker: {@code host/pid/start time}.
 *
 * @param pid of the leader of the worker's session
 * @param start clock ticks since boot, field 22 of {@code /proc/<pid>/stat}: tells a worker from a
 *     later process that was given the same pid
 */
record LocalId(HostId host, long pid, long start) {

  static Optional<LocalId> parse(ExecutionId id) {
    String[] parts = id.value().split("/", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new LocalId(new HostId(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2])));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  ExecutionId toExecutionId() {
    return new ExecutionId(host + "/" + pid + "/" + start);
  }
}
