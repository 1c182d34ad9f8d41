package dev.buildman.intake;

import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Phase;
import dev.buildman.model.Usage;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A build as its clients may see it: without any secret.
 *
 * @param spec what was asked for, its secrets empty, a package URL without user and query
 * @param worker while one has it
 * @param queuePosition 1 is next; 0: does not wait
 * @param result of a complete build
 */
public record BuildView(
    BuildId id,
    BuildSpec spec,
    Notes notes,
    Standing standing,
    Counts counts,
    Times times,
    Origin origin,
    Optional<WorkerView> worker,
    int queuePosition,
    Optional<BuildResult> result) {

  /**
   * What the client wants back.
   *
   * @param foreignId its own name of the build; empty: none
   */
  public record Notes(String foreignId, Map<String, String> metadata) {}

  /** Where it stands and why. */
  public record Standing(Phase phase, String reason, String sentence) {}

  /**
   * @param attempt the last that began; 0: none
   */
  public record Counts(int attempt, int triesLeft, int interruptions, int priority) {}

  /** By Redis's clock. */
  public record Times(Instant enqueued, Optional<Instant> started, Optional<Instant> ended) {}

  /**
   * @param retryOf the build that this one repeats
   * @param cancelledBy empty: nobody, or unknown
   */
  public record Origin(Optional<BuildId> retryOf, String cancelledBy) {}

  /**
   * @param agentVersion empty: none registered, or Quay's
   * @param usage as its agent last said
   */
  public record WorkerView(
      String executor,
      String executionId,
      String agentVersion,
      Optional<Instant> launched,
      Optional<Instant> registered,
      Usage usage) {
    private WorkerView withoutUsage() {
      return new WorkerView(
          executor, executionId, agentVersion, launched, registered, Usage.UNKNOWN);
    }
  }

  /** The same without what changes at every heartbeat. */
  BuildView withoutUsage() {
    return new BuildView(
        id,
        spec,
        notes,
        standing,
        counts,
        times,
        origin,
        worker.map(WorkerView::withoutUsage),
        queuePosition,
        result);
  }
}
