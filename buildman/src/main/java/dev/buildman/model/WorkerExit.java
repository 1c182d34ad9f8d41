package dev.buildman.model;

import java.util.OptionalInt;

/**
 * How a worker ended, as its executor saw it.
 *
 * @param status exit status of the agent; empty when unknown
 * @param signal the signal that ended it, or 0
 * @param outOfMemory whether it was killed for its memory
 */
public record WorkerExit(OptionalInt status, int signal, boolean outOfMemory) {
  public static WorkerExit withStatus(int status) {
    return new WorkerExit(OptionalInt.of(status), 0, false);
  }

  public static WorkerExit bySignal(int signal) {
    return new WorkerExit(OptionalInt.empty(), signal, false);
  }

  public static WorkerExit unknown() {
    return new WorkerExit(OptionalInt.empty(), 0, false);
  }

  /**
   * What this exit means for the attempt. Our agent reports its failures itself, so that an exit
   * without a word is the machinery's. Quay's worker reports none: its exit status is all there is.
   *
   * @param registered whether an agent had registered
   * @param phase the phase that the attempt was in
   * @param managerAway whether, since the agent's last message, grace began, or the manager of its
   *     streams drained or lost its presence
   */
  public Ending ending(AgentKind agent, boolean registered, Phase phase, boolean managerAway) {
    if (outOfMemory) {
      return Ending.OUT_OF_MEMORY;
    }
    if (agent == AgentKind.OURS || !registered) {
      return Ending.WORKER_GONE;
    }
    if (status.isPresent() && status.getAsInt() == 2) {
      return Ending.QUAY_DOCKERFILE_PANIC;
    }
    if (managerAway) {
      return Ending.MANAGER_AWAY;
    }
    boolean failure = signal == 0 && (status.isEmpty() || status.getAsInt() == 1);
    return phase == Phase.BUILDING && failure ? Ending.QUAY_BUILD_FAILED : Ending.WORKER_GONE;
  }

  /** For the build's history: {@code exit status 1}, {@code signal 9}, {@code out of memory}. */
  public String describe() {
    if (outOfMemory) {
      return "out of memory";
    }
    if (signal != 0) {
      return "signal " + signal;
    }
    return status.isPresent() ? "exit status " + status.getAsInt() : "exit status unknown";
  }
}
