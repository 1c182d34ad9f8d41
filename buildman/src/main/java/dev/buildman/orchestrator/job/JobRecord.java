package dev.buildman.orchestrator.job;

import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Phase;
import dev.buildman.model.Usage;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * A job as Redis has it.
 *
 * @param ref its attempt and the nonce of its claim; before the intent the attempt is only reserved
 * @param worker empty before the intent
 * @param agent empty before the first registration
 */
public record JobRecord(
    JobRef ref,
    Step step,
    Phase phase,
    Optional<WorkerHandle> worker,
    Optional<AgentState> agent,
    Times times) {

  /** How far the walk has come. */
  public enum Step {
    CLAIMED,
    INTENDED,
    LAUNCHED;

    static Step ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  /**
   * The agent with the last session.
   *
   * @param streams manager that took its last message
   * @param lastBeat when that was
   * @param carried since when it is silent and its worker decides (Quay's only)
   * @param usage as it last said
   */
  public record AgentState(
      int session,
      AgentKind kind,
      String version,
      ManagerId streams,
      Instant lastBeat,
      Optional<Instant> carried,
      Usage usage) {}

  /**
   * By Redis's clock.
   *
   * @param deadline what the sweep goes by
   * @param maxExpiration the worker's longest life; empty before the intent
   */
  public record Times(
      Instant claimed,
      Optional<Instant> launched,
      Optional<Instant> registered,
      Instant deadline,
      Optional<Instant> maxExpiration) {}

  /** The attempt, or the reserved one. */
  public AttemptId attempt() {
    return ref.attempt();
  }
}
