package dev.buildman.reconcile;

import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.Presence;
import dev.buildman.redis.RedisUnavailable;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says that this manager, and with it its host, is there; for others to see. */
public final class Attendance {
  private static final Logger log = LoggerFactory.getLogger(Attendance.class);

  /** Three announcements may be lost. */
  static final Duration TIME_TO_LIVE = Duration.ofSeconds(20);

  private static final Duration AT_ONCE = Duration.ofMillis(1);

  private final Presence presence;
  private final UnaryOperator<ManagerInfo> today;
  private volatile ManagerInfo manager;

  /**
   * @param today adds what changes: the hosts that it sees, how its executors look
   */
  public Attendance(
      OrchestratorScripts scripts, ManagerInfo manager, UnaryOperator<ManagerInfo> today) {
    this.presence = new Presence(scripts);
    this.manager = manager;
    this.today = today;
  }

  /** Announces it once. */
  public void runOnce() {
    announce(TIME_TO_LIVE);
  }

  private void announce(Duration timeToLive) {
    try {
      presence.run(today.apply(manager), timeToLive);
    } catch (RedisUnavailable e) {
      log.debug("presence not said: cause={}", e.getMessage());
    }
  }

  /** From now on this manager claims nothing. */
  void drain() {
    manager = manager.asDraining();
    runOnce();
  }

  /** It is not here any more; nobody has to wait until its last announcement has passed. */
  void leave() {
    announce(AT_ONCE);
  }
}
