package dev.buildman.executor;

/**
 * An executor's own handle of a worker: the name of a Job, an instance id, host/pid/start time.
 * Only the executor that made it reads it.
 */
public record ExecutionId(String value) {

  public ExecutionId {
    if (value.isBlank()) {
      throw new IllegalArgumentException("an execution id is not empty");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
