package dev.buildman.orchestrator.queue;

import dev.buildman.model.AgentKind;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.Phase;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.SealedSpec;
import java.time.Instant;
import java.util.Optional;

/**
 * A build as Redis has it.
 *
 * @param sequence of its enqueueing: only grows
 */
public record BuildRecord(
    BuildId id,
    RepositoryName repository,
    long sequence,
    SealedSpec spec,
    Standing standing,
    Course course) {

  /**
   * Where it stands.
   *
   * @param reason a stable code; text, as another version may have written it
   * @param sentence for people
   * @param fence attempt whose push must be over first; 0: none
   * @param namespace why its whole namespace waits, of a head; empty: it does not
   */
  public record Standing(
      Place place,
      Phase phase,
      String reason,
      String sentence,
      int fence,
      Optional<Why> namespace) {}

  /**
   * What has happened to it.
   *
   * @param counts what was given out and used up
   * @param agent whose agent had the last session; empty: there was none
   * @param cancelledBy empty: nobody, or unknown
   */
  public record Course(
      Counts counts,
      Times times,
      Optional<AgentKind> agent,
      Optional<BuildResult> result,
      Optional<BuildId> retryOf,
      String cancelledBy) {}

  /**
   * @param attempt last number given to an intent; 0: none
   * @param session last number given out; 0: none
   * @param tries left
   * @param interruptions repeats that cost no try
   */
  public record Counts(int attempt, int session, int tries, int interruptions, int priority) {}

  /**
   * By Redis's clock.
   *
   * @param started first registration of an agent
   */
  public record Times(Instant enqueued, Optional<Instant> started, Optional<Instant> ended) {}
}
