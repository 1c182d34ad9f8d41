package dev.buildman.model;

import static dev.buildman.model.Outcome.BACK;
import static dev.buildman.model.Outcome.CANCELLED;
import static dev.buildman.model.Outcome.COMPLETE;
import static dev.buildman.model.Outcome.ERROR;
import static dev.buildman.model.Outcome.FREE;
import static dev.buildman.model.Outcome.INTERNAL_ERROR;
import static dev.buildman.model.Outcome.INTERRUPTION;
import static dev.buildman.model.Outcome.TRY;

/**
 * The table of what ends or repeats a build: each thing that can happen to an attempt, what it
 * costs, and the reason that stands on the build unless the reporter knows a better one.
 */
public enum Ending {
  /** The agent reported that all tags are pushed. */
  COMPLETED(COMPLETE, Reason.COMPLETED),
  /** A client wants it to end. */
  CANCEL(CANCELLED, Reason.CANCELLED),
  /** The manager that claimed it was lost before the first intent. */
  CLAIM_LOST(BACK, Reason.MANAGER_LOST),
  /** An intent at its deadline, and nobody recorded a launch. */
  LAUNCH_UNRECORDED(INTERRUPTION, Reason.LAUNCH_UNKNOWN),
  /** A launch call without a clear answer; another executor may try. */
  LAUNCH_AMBIGUOUS(FREE, Reason.LAUNCH_UNKNOWN),
  /** A launch call that surely started nothing. */
  LAUNCH_REFUSED(FREE, Reason.EXECUTOR_UNAVAILABLE),
  /** The agent cannot do what the build needs; another executor may have one that can. */
  AGENT_INCAPABLE(FREE, Reason.AGENT_LACKS_CAPABILITY),
  /** The control plane took the worker, and has no room for it, or is not ready for any. */
  NO_ROOM_THERE(FREE, Reason.CAPACITY_WAIT),
  /** What the build asks for does not exist on the executor, ever. */
  IMPOSSIBLE_THERE(ERROR, Reason.UNSATISFIABLE),
  /** Spot, preemption, eviction, drain, node lost. */
  PROVIDER_INTERRUPTION(INTERRUPTION, Reason.NODE_LOST),
  /** Quay's worker ends when its manager is away at its SetPhase: not its fault. */
  MANAGER_AWAY(INTERRUPTION, Reason.MANAGER_WAS_AWAY),
  /** Launched, and no agent registered within SETUP_TIME. */
  NEVER_REGISTERED(TRY, Reason.NEVER_REGISTERED),
  /** The worker's own image cannot be pulled. */
  WORKER_IMAGE_MISSING(TRY, Reason.IMAGE_PULL_FAILED),
  /** The worker is gone, and its agent said nothing. */
  WORKER_GONE(TRY, Reason.WORKER_EXITED),
  /** The agent was not heard for a lease. */
  LEASE_LOST(TRY, Reason.HEARTBEAT_LOST),
  /** The kernel or the cluster killed the worker for its memory. */
  OUT_OF_MEMORY(TRY, Reason.OOM_KILLED),
  /** Quay's worker went with status 1, or an unknown one, while it was building. */
  QUAY_BUILD_FAILED(ERROR, Reason.BUILD_FAILED),
  /** Quay's worker went with status 2: its Dockerfile parser panicked. */
  QUAY_DOCKERFILE_PANIC(ERROR, Reason.DOCKERFILE_INVALID),
  /** The agent reported a failure of the machinery. */
  PLATFORM_FAILURE(TRY, Reason.AGENT_FAILED),
  /** The agent reported a failure of what was asked for. */
  USER_FAILURE(ERROR, Reason.BUILD_FAILED),
  /** The client's time limit of the build. */
  TIMEOUT(ERROR, Reason.BUILD_TIMEOUT),
  /** A worker's longest life. */
  MACHINE_MAX_TIME(INTERNAL_ERROR, Reason.MACHINE_MAX_TIME);

  private final Outcome outcome;
  private final Reason reason;

  Ending(Outcome outcome, Reason reason) {
    this.outcome = outcome;
    this.reason = reason;
  }

  public Outcome outcome() {
    return outcome;
  }

  /** What stands on the build when the reporter of the ending has no better one. */
  public Reason reason() {
    return reason;
  }
}
