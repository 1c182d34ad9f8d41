package dev.buildman.model;

/** What a manager must show to act on a job that it claimed. */
public record JobRef(AttemptId attempt, Nonce nonce) {
  /** The build that was claimed. */
  public BuildId build() {
    return attempt.build();
  }
}
