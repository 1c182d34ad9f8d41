package dev.buildman.model;

import java.util.Locale;

/** What becomes of a build when one of its attempts ends, and what that costs. */
public enum Outcome {
  /** The claim came to nothing: same place, at once. */
  BACK,
  /** Repeated without any cost; counted for the back-off only. */
  FREE,
  /** Repeated without a try; at most {@code MAX_INTERRUPTIONS} times. */
  INTERRUPTION,
  /** Repeated for one try; with none left it ends as {@code internalerror}. */
  TRY,
  /** Final: the image is there. */
  COMPLETE,
  /** Final: what was asked for cannot be built. */
  ERROR,
  /** Final: the machinery gives up. */
  INTERNAL_ERROR,
  /** Final: somebody ended it. */
  CANCELLED;

  /** The word that the scripts know. */
  public String word() {
    return switch (this) {
      case INTERRUPTION -> "int";
      case INTERNAL_ERROR -> "internalerror";
      default -> name().toLowerCase(Locale.ROOT);
    };
  }

  /** Whether the build ends with it whatever is left. */
  public boolean isFinal() {
    return compareTo(COMPLETE) >= 0;
  }
}
