package dev.buildman.orchestrator;

import dev.buildman.model.Ending;
import dev.buildman.model.Reason;

/**
 * Why an attempt ends, and what stands on the build afterwards.
 *
 * @param sentence for people; never a secret
 */
public record EndNote(Ending ending, Reason reason, String sentence) {
  /** With the reason and sentence of the table. */
  public static EndNote of(Ending ending) {
    return new EndNote(ending, ending.reason(), ending.reason().sentence());
  }
}
