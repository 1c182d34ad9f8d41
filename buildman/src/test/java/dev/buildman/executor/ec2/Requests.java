package dev.buildman.executor.ec2;

import dev.buildman.executor.ExecutorContract;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.Installation;

/** Launches to be asked for. */
final class Requests {
  static final Installation OURS = new Installation("0123456789ab", "state-1");

  private Requests() {}

  /** Of a new build, for an agent that runs a line of shell. */
  static WorkerRequest of(String agent) {
    return ExecutorContract.request(agent, OURS);
  }

  /** The same of a build whose worker was taken away. */
  static WorkerRequest afterInterruption(String agent) {
    WorkerRequest request = of(agent);
    return new WorkerRequest(
        request.attempt(),
        request.name(),
        request.installation(),
        request.token(),
        request.environment(),
        request.maxLifetime(),
        true);
  }
}
