package dev.buildman.executor;

import dev.buildman.model.AttemptId;

/**
 * A worker as an executor sees it, described by what was written on it at its launch.
 *
 * @param state uuid of the Redis state whose manager launched it; empty when it cannot be read
 */
public record SeenWorker(AttemptId attempt, WorkerRef ref, String state) {

  public ExecutionName name() {
    return ref.name();
  }
}
