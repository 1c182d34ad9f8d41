package dev.buildman.model;

/** Whose agent works on a job: they keep different promises. */
public enum AgentKind {
  /** Sends its version, reports failures, fences itself by its lease. */
  OURS,
  /** Quay's worker: reports no failure, re-opens no stream, heeds nothing once it pushes. */
  QUAY;

  /** The word in Redis. */
  public String word() {
    return this == OURS ? "ours" : "quay";
  }

  public static AgentKind ofWord(String word) {
    return word.equals("quay") ? QUAY : OURS;
  }
}
