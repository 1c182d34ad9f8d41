package dev.buildman.model;

/**
 * What an agent must show, by its job token, to act on a job.
 *
 * @param session from 1, only grows per build
 */
public record SessionRef(AttemptId attempt, int session, Nonce nonce) {
  /** The build that the session works on. */
  public BuildId build() {
    return attempt.build();
  }
}
