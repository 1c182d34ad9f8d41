package dev.buildman.session;

/** What an agent that wants to register is told. */
public sealed interface RegistrationAnswer {
  /** It has a session: here is its work. */
  record Accepted(WorkOrder order) implements RegistrationAnswer {}

  /**
   * It has nothing to do here and should end.
   *
   * @param reason a stable code
   * @param sentence for people; without secrets
   */
  record Refused(String reason, String sentence) implements RegistrationAnswer {}
}
