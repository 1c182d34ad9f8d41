package dev.buildman.executor.kubernetes;

import dev.buildman.executor.Exit;
import dev.buildman.model.Reason;
import java.time.Duration;

/** What is to be seen of a worker at one moment. Sentences hold the cluster's own words. */
sealed interface Sight {

  /** It comes up, runs, or is on its way out: nothing to tell. */
  record Well() implements Sight {}

  /**
   * It cannot begin.
   *
   * @param patience how long such a trouble may heal by itself
   */
  record Trouble(Reason reason, String sentence, Duration patience) implements Sight {}

  /** The cluster takes it away, or has lost sight of it. */
  record TakenAway(Reason reason, String sentence) implements Sight {}

  /**
   * Its container has ended, or will never begin.
   *
   * @param pod whose log tells more; empty when there is none any more
   */
  record Ended(Exit exit, String pod) implements Sight {}
}
