package dev.buildman.reconcile;

import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.events.EventListener;
import dev.buildman.orchestrator.events.Hint;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Tasks;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns hints into early calls of what the sweep would do later. */
final class HintRouter implements EventListener {
  private static final Logger log = LoggerFactory.getLogger(HintRouter.class);

  /** Whom a hint may wake. None of them blocks. */
  record Wakes(Runnable runnable, Runnable room, Runnable duties, Runnable all) {}

  private final DueActions actions;
  private final Wakes wakes;
  private final Tasks tasks;
  private final Metrics metrics;

  HintRouter(DueActions actions, Wakes wakes, Tasks tasks, Metrics metrics) {
    this.actions = actions;
    this.wakes = wakes;
    this.tasks = tasks;
    this.metrics = metrics;
  }

  @Override
  public void hint(Hint hint) {
    metrics.eventReceived(hint.kind().name().toLowerCase(Locale.ROOT));
    switch (hint.kind()) {
      case RUNNABLE -> wakes.runnable().run();
      case SLOT_FREED -> wakes.room().run();
      case DUTY, CANCELLED -> wakes.duties().run();
      case PHASE, HISTORY -> {
        // For those who watch builds.
      }
    }
  }

  @Override
  public void expired(BuildId build) {
    metrics.eventReceived("expired");
    tasks.start(
        "expired-" + build,
        () -> {
          try {
            boolean acted = actions.expire(build);
            log.debug("deadline heard of: build={}, acted={}", build, acted);
          } catch (RedisUnavailable e) {
            log.debug("left to the sweep: build={}, cause={}", build, e.getMessage());
          }
        });
  }

  @Override
  public void resync() {
    wakes.all().run();
  }
}
