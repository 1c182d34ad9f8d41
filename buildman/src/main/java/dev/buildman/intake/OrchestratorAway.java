package dev.buildman.intake;

/** The orchestrator did not answer in time. Whatever was asked may be asked again, unchanged. */
public final class OrchestratorAway extends RuntimeException {

  private static final long serialVersionUID = 1;

  OrchestratorAway(Throwable cause) {
    super("the orchestrator (Redis) cannot be reached: try again", cause);
  }
}
