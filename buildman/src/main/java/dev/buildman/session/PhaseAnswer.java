package dev.buildman.session;

/** What an agent is told about its phase. */
public sealed interface PhaseAnswer {
  /** It stands, now or since an earlier time. */
  record Taken() implements PhaseAnswer {}

  /**
   * It does not stand: the agent should end.
   *
   * @param reason a stable code
   */
  record Refused(String reason) implements PhaseAnswer {}
}
