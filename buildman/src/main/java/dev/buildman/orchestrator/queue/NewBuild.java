package dev.buildman.orchestrator.queue;

import dev.buildman.model.BuildId;
import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.SealedSpec;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * A build to enqueue.
 *
 * @param id made by the caller: the command may be repeated with it
 * @param bodyHash of everything that was asked for; the same id or key with another one is refused
 */
public record NewBuild(
    BuildId id, RepositoryName repository, SealedSpec spec, String bodyHash, Options options) {

  /**
   * @param idempotencyKey kept 24 h per namespace; empty: none
   * @param priority -100 to 100, higher first; orders heads of different repositories only
   * @param tries paid chances in all, from 1
   * @param timeout from the agent's registration to the end
   * @param needs capabilities that an agent must have
   * @param source digest of an uploaded source, so that it is kept; empty: none
   */
  public record Options(
      String idempotencyKey,
      int priority,
      int tries,
      Optional<Duration> timeout,
      Set<String> needs,
      String source) {
    private static final int HIGHEST_PRIORITY = 100;

    /** No key, priority 0, three tries, no time limit, no needs, no uploaded source. */
    public static final Options DEFAULT = new Options("", 0, 3, Optional.empty(), Set.of(), "");

    public Options {
      needs = Set.copyOf(needs);
      if (Math.abs(priority) > HIGHEST_PRIORITY) {
        throw new IllegalArgumentException("priority " + priority + " is not within -100 to 100");
      }
      if (tries < 1) {
        throw new IllegalArgumentException("a build needs at least one try, not " + tries);
      }
    }
  }
}
