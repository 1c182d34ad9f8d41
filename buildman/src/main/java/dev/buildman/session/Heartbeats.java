package dev.buildman.session;

import dev.buildman.model.AgentKind;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.job.GatheredBeats;
import dev.buildman.token.Grant;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/** Keeps the lease of a session. Never blocks: runs on network threads. */
public final class Heartbeats {
  private final GatheredBeats beats;
  private final Patience patience;

  public Heartbeats(GatheredBeats beats, Patience patience) {
    this.beats = beats;
    this.patience = patience;
  }

  /**
   * Moves the lease on. While Redis is away an agent of ours is held for {@link Patience#HOLD}, as
   * it redials; Quay's for as long as it waits, as it would never open its stream again.
   *
   * @param usage as the agent says
   * @param gone whether nobody waits for the answer any more
   * @return fails with {@link StoreAway}
   */
  public CompletionStage<Beat> beat(Grant.Job grant, Usage usage, BooleanSupplier gone) {
    return patience
        .holdAsync(() -> beats.beat(grant.session(), usage), grant.agent() == AgentKind.QUAY, gone)
        .thenApply(Heartbeats::beat);
  }

  /** Some other word of the agent shows that it lives. Its outcome is told at the next beat. */
  void signOfLife(Grant.Job grant) {
    beat(grant, Usage.UNKNOWN, () -> true);
  }

  private static Beat beat(Result<?> result) {
    return result instanceof Result.Refused<?>(Refusal refusal, String detail)
        ? new Beat.Over(detail.isEmpty() ? refusal.name() : detail)
        : new Beat.Alive();
  }
}
