package dev.buildman.orchestrator.queue;

import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.RepositoryName;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.redis.Reply;
import java.time.Duration;
import java.util.Optional;

/**
 * A build that a manager has taken, and must now give an intent, park, or move on.
 *
 * @param job what every further command of the walk must show; its attempt is reserved, it begins
 *     with the intent
 */
public record ClaimedBuild(
    JobRef job, RepositoryName repository, SealedSpec spec, History history) {

  /**
   * @param tries left, this one included
   * @param interruptions repeats so far that cost nothing
   * @param next executor to go on from, as the walk has been at those before it; empty: the first
   * @param waited since the build was enqueued
   */
  public record History(
      int tries, int interruptions, Optional<ExecutorName> next, Duration waited) {
    /** What {@code MINIMUM_RETRY_THRESHOLD} is compared with. */
    public int triesAfterThis() {
      return tries - 1;
    }
  }

  static ClaimedBuild of(Reply reply, JobRef job) {
    return new ClaimedBuild(
        job,
        RepositoryName.parse(reply.text("ns") + "/" + reply.text("repo")),
        SealedSpec.of(reply.bytes("spec")),
        new History(
            reply.integer("tries"),
            reply.integer("interruptions"),
            reply.optional("next").map(ExecutorName::new),
            Duration.ofMillis(reply.number("waited"))));
  }
}
