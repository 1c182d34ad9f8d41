package dev.buildman.orchestrator.job;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.redis.Reply;
import java.util.Optional;

/**
 * How to find a worker.
 *
 * @param host whose manager can see it; empty: any manager can
 * @param name the execution name, recorded before the launch
 * @param executionId the executor's own handle; empty: the launch was not recorded
 */
public record WorkerHandle(
    ExecutorName executor, Optional<HostId> host, String name, Optional<String> executionId) {
  /** Reads the fields that jobs and duties share. */
  public static WorkerHandle of(Reply fields) {
    return new WorkerHandle(
        new ExecutorName(fields.text("executor")),
        fields.optional("host").map(HostId::new),
        fields.text("name"),
        fields.optional("execution"));
  }
}
