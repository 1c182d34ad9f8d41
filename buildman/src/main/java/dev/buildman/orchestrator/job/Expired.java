package dev.buildman.orchestrator.job;

import dev.buildman.orchestrator.Ended;

/** What a passed deadline did. */
public sealed interface Expired {
  /** A claim came to nothing: the build is a head again. */
  record ClaimTakenBack() implements Expired {}

  /** The attempt ended. */
  record AttemptEnded(Ended ended) implements Expired {}

  /** Quay's agent is silent: from here on its executor's view decides. */
  record Carried() implements Expired {}
}
