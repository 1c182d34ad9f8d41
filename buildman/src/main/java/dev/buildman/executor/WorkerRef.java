package dev.buildman.executor;

import java.util.Optional;

/**
 * Names one worker to its executor.
 *
 * @param name the deterministic name that the launch was made under: always known
 * @param id the executor's handle, empty when the launch was never answered
 */
public record WorkerRef(ExecutionName name, Optional<ExecutionId> id) {

  public static WorkerRef of(ExecutionName name) {
    return new WorkerRef(name, Optional.empty());
  }

  public static WorkerRef of(ExecutionName name, ExecutionId id) {
    return new WorkerRef(name, Optional.of(id));
  }
}
