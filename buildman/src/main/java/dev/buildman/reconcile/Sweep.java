package dev.buildman.reconcile;

import dev.buildman.model.HostId;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.Due;
import dev.buildman.orchestrator.events.DueWork;
import dev.buildman.redis.RedisUnavailable;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acts on every deadline that has passed. Events make the same calls earlier; this makes them
 * right: it runs once a second, at start and after each reconnect.
 */
public final class Sweep {
  private static final Logger log = LoggerFactory.getLogger(Sweep.class);

  /** Of each kind in one look: bounds a script's time; the next look follows at once. */
  private static final int BATCH = 200;

  private final Due due;
  private final DueActions actions;
  private final Supplier<List<HostId>> hosts;
  private final Runnable dutiesDue;

  /**
   * @param hosts whose workers are seen from here now, the manager's own first
   * @param dutiesDue called when workers of this host wait to be seen gone; must not block
   */
  public Sweep(
      OrchestratorScripts scripts,
      DueActions actions,
      Supplier<List<HostId>> hosts,
      Runnable dutiesDue) {
    this.due = new Due(scripts);
    this.actions = actions;
    this.hosts = hosts;
    this.dutiesDue = dutiesDue;
  }

  /**
   * Acts on all that is due now; leaves the rest to the next pass when Redis goes away.
   *
   * @return whether all was looked at
   */
  public boolean runOnce() {
    try {
      boolean more = true;
      while (more) {
        more = look();
      }
      return true;
    } catch (RedisUnavailable e) {
      // Redis's own watch has logged it.
      log.debug("sweep given up: cause={}", e.getMessage());
      return false;
    }
  }

  /** Whether there is likely more: a full batch of which something was acted on. */
  private boolean look() {
    List<HostId> here = hosts.get();
    DueWork work = due.run(here.getFirst(), BATCH);
    // All of these run; what is refused, as by grace, must not keep the loop busy.
    boolean more = act(work.jobs(), actions::expire);
    more |= act(work.fences(), actions::letGo);
    more |= act(work.delayed(), actions::wakeDelayed);
    more |= act(work.parked(), actions::wakeParked);
    more |= act(work.slots(), actions::releaseSlot);
    more |= act(work.logs(), actions::closeLog);
    boolean duties = work.duties();
    for (HostId other : here.subList(1, here.size())) {
      duties |= due.run(other, 1).duties();
    }
    if (duties) {
      dutiesDue.run();
    }
    return more;
  }

  private static <T> boolean act(Collection<T> due, Predicate<T> action) {
    boolean acted = false;
    for (T one : due) {
      acted |= action.test(one);
    }
    return acted && due.size() >= BATCH;
  }
}
