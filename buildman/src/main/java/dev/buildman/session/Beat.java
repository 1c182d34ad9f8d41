package dev.buildman.session;

/** What an agent learns from a heartbeat. */
public sealed interface Beat {
  /** The session holds; the lease was moved. */
  record Alive() implements Beat {}

  /**
   * The session is over: stop.
   *
   * @param reason a stable code
   */
  record Over(String reason) implements Beat {}
}
