package dev.buildman.session;

import dev.buildman.model.BuildResult;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;

/**
 * What an agent says about its progress, checked for form and size by the edge.
 *
 * @param sequence of the request, from 1
 */
public record PhaseReport(int sequence, Step step) {

  /** What it says. */
  public sealed interface Step {
    /** It enters a phase from unpacking to pushing. */
    record Enters(Phase phase, PullMetadata metadata) implements Step {}

    /** All tags are pushed. */
    record Completes(BuildResult result) implements Step {}

    /** It cannot go on. */
    record Fails(Failure failure) implements Step {}
  }

  /**
   * What it is about to pull; all empty: nothing new is said.
   *
   * @param username that it pulls as
   */
  public record PullMetadata(String registry, String image, String tag, String username) {
    public static final PullMetadata NONE = new PullMetadata("", "", "", "");

    boolean isEmpty() {
      return equals(NONE);
    }
  }

  /**
   * @param usersFault repeating it would fail again
   * @param reason that stands on the build
   * @param sentence for people; without secrets
   */
  public record Failure(boolean usersFault, Reason reason, String sentence) {}
}
