package dev.buildman.orchestrator.job;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import java.util.Optional;
import java.util.Set;

/**
 * An agent's wish to work on an attempt.
 *
 * @param job from its registration token
 * @param executor from its registration token
 * @param callId made once for the agent's call by the manager that took it, and the same when it
 *     repeats the command: without it a late copy would fence the good session
 * @param manager that has the agent's streams
 * @param next executor to go on from when this agent cannot do it; empty: none, the build fails
 * @param needs words of what its work order asks for beside what the build itself does
 */
public record Registration(
    JobRef job,
    ExecutorName executor,
    String callId,
    Agent agent,
    ManagerId manager,
    Optional<ExecutorName> next,
    Set<String> needs) {
  public Registration {
    needs = Set.copyOf(needs);
  }

  /**
   * @param version empty: Quay's agent
   * @param capabilities as it says, or Quay's when it says nothing
   */
  public record Agent(String version, Set<String> capabilities) {
    public Agent {
      capabilities = Set.copyOf(capabilities);
    }
  }
}
