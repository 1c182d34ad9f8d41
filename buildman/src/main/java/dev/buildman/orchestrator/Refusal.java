package dev.buildman.orchestrator;

/** Why a transition was refused. The names are the words of the scripts. */
public enum Refusal {
  /** The idempotency key or the build id is known with another body; the detail is its build id. */
  OTHER_BODY,
  /** {@code MAX_QUEUED} builds wait already. */
  QUEUE_FULL,
  /** No such build. */
  UNKNOWN,
  /** The build or its attempt has ended; the detail is the reason code, where one is known. */
  ENDED,
  /** Only an ended build can be repeated. */
  NOT_ENDED,
  /**
   * A manager's counter only grows, and an id belongs to one process: an old claim, or a stolen id.
   */
  STALE_NONCE,
  /** {@code ALLOWED_WORKER_COUNT} slots are held. */
  FULL,
  /** No build is runnable. */
  EMPTY,
  /** After a failover claims wait one lease, as sessions may live that Redis has forgotten. */
  FAILED_OVER,
  /** The job is another claim's, or gone. */
  NOT_YOURS,
  /** An intent is recorded: the claim can no longer be given back. */
  HAS_INTENT,
  /** An intent for another executor is recorded. */
  OTHER_INTENT,
  /** No intent is recorded. */
  NO_INTENT,
  /** The launch is recorded: the attempt cannot move on. */
  LAUNCHED,
  /** An agent has registered: the launch succeeded. */
  HAS_SESSION,
  /** {@code MAXIMUM_WORKERS} of the executor live. */
  EXECUTOR_FULL,
  /** An operator switched the executor off. */
  EXECUTOR_DISABLED,
  /** The registration token has done its work. */
  TOKEN_SPENT,
  /** The agent cannot do what the build needs; the detail names it. The attempt was ended. */
  AGENT_LACKS_CAPABILITY,
  /** A later session, or no job; the detail is the reason code of the end, where one is known. */
  FENCED,
  /** A phase that the attempt has passed already; the detail is the present one. */
  BACKWARDS,
  /** Not a phase that an agent may set. */
  UNKNOWN_PHASE,
  /** Only what pushed can be complete. */
  NOT_PUSHING,
  /** The phase is another one by now; the detail names it. */
  PHASE_CHANGED,
  /** The log takes no more lines. */
  CLOSED,
  /** Its time has not come. */
  NOT_DUE,
  /** After an outage no lease ends for a while. */
  GRACE,
  /** An earlier attempt may still be pushing. */
  PUSH_MAY_GO_ON,
  /** A live job holds the slot. */
  LIVE,
  /** A duty, a slot or a fence is left. */
  OPEN
}
