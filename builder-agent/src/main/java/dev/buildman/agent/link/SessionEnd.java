package dev.buildman.agent.link;

/**
 * Why an agent's session is over before its build is.
 *
 * @param kind what happened
 * @param message for the operator
 */
public record SessionEnd(Kind kind, String message) {

  /** What happened. */
  public enum Kind {
    /** The manager said so: cancelled, expired or taken over by a later session. */
    STOPPED,
    /** The manager does not take this session's token, or not this agent's calls. */
    REFUSED,
    /** No manager answered within the reconnect window. */
    MANAGER_LOST
  }
}
