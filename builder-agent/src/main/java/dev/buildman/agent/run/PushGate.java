package dev.buildman.agent.run;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.link.Lease;
import dev.buildman.agent.link.SessionEnd;
import dev.buildman.proto.agent.FailureCode;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets an engine push while this agent's session is known to be the valid one: two workers of a
 * build may exist for a moment, two pushes never.
 */
final class PushGate implements PushPermit {
  private static final Logger log = LoggerFactory.getLogger(PushGate.class);

  /** For the request that the engine sends after it was let through. */
  private static final Duration MARGIN = Duration.ofSeconds(5);

  private final Lease lease;
  private final Duration margin;

  PushGate(Lease lease) {
    this.lease = lease;
    Duration quarter = lease.length().dividedBy(4);
    this.margin = quarter.compareTo(MARGIN) < 0 ? quarter : MARGIN;
  }

  @Override
  public void await() throws EngineFailure, InterruptedException {
    if (lease.good(margin)) {
      return;
    }
    log.info("push is held: the last good heartbeat is too old");
    Optional<SessionEnd> end = lease.awaitGood(margin);
    if (end.isPresent()) {
      throw EngineFailure.of(FailureCode.CLIENT_REJECTED_TRANSITION, end.get().message());
    }
    log.info("push goes on");
  }
}
