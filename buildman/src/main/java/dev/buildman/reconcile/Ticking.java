package dev.buildman.reconcile;

import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.events.Tick;
import dev.buildman.redis.RedisUnavailable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This manager's sign of life, once a second. The first one after a gap finds it, and no agent
 * loses its lease for an outage that was not its own.
 */
public final class Ticking {
  private static final Logger log = LoggerFactory.getLogger(Ticking.class);

  private final Tick tick;
  private final ManagerId manager;

  public Ticking(Tick tick, ManagerId manager) {
    this.tick = tick;
    this.manager = manager;
  }

  /** One tick; none while Redis is away. */
  public void runOnce() {
    try {
      if (tick.run(manager) instanceof Result.Applied<Tick.Ticked>(Tick.Ticked ticked)
          && ticked.gap()) {
        log.warn(
            "nobody was here for a while, or Redis: no lease ends before {}, claims from {}",
            ticked.graceUntil().map(Object::toString).orElse("now"),
            ticked.claimsFrom().map(Object::toString).orElse("now"));
      }
    } catch (RedisUnavailable e) {
      log.debug("no tick: cause={}", e.getMessage());
    }
  }
}
