package dev.buildman.schedule;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.Reason;

/**
 * Why an executor was passed over.
 *
 * @param sentence for people; the same as long as the cause is the same, so that it is not repeated
 *     in the build's history
 */
record Skip(ExecutorName executor, Cause cause, String sentence) {

  enum Cause {
    /** Whitelist or staged rollout: holds for the whole namespace, until the file changes. */
    NAMESPACE(Reason.NAMESPACE_NOT_ALLOWED),
    /** Too few tries left: holds for this build alone. */
    TRIES(Reason.TRIES_TOO_FEW),
    /** Too many failures of late. */
    CIRCUIT(Reason.CIRCUIT_OPEN),
    /** {@code LAUNCH_RATE} used up. */
    RATE(Reason.LAUNCH_RATE),
    /** An operator switched it off. */
    OFF(Reason.EXECUTOR_DISABLED),
    /** {@code MAXIMUM_WORKERS} reached. */
    FULL(Reason.EXECUTOR_FULL);

    private final Reason reason;

    Cause(Reason reason) {
      this.reason = reason;
    }

    Reason reason() {
      return reason;
    }
  }

  @Override
  public String toString() {
    return executor + ": " + sentence;
  }
}
