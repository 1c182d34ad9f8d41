package dev.buildman.intake;

import dev.buildman.model.Reason;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.events.OrchestratorStatus;
import java.util.Optional;

/**
 * Whether a worker can be started now.
 *
 * @param held slots that are held
 * @param allowed slots that there are
 * @param standstill why nothing is claimed though slots may be free; empty: it is
 */
record Room(int held, int allowed, Optional<Why> standstill) {

  /**
   * As Redis and one manager see it.
   *
   * @param chain why this manager's executors take nothing; empty: one does
   */
  static Room of(OrchestratorStatus status, int allowed, Optional<Why> chain) {
    boolean failedOver =
        status
            .outage()
            .claimsFrom()
            .filter(from -> from.isAfter(status.outage().now()))
            .isPresent();
    return new Room(
        status.slots(), allowed, failedOver ? Optional.of(Why.of(Reason.FAILOVER_WAIT)) : chain);
  }

  /** Why there is none; empty: there is. */
  Optional<Why> none() {
    if (standstill.isPresent() || held < allowed) {
      return standstill;
    }
    return Optional.of(
        Why.of(
            Reason.CAPACITY_WAIT,
            allowed == 0
                ? "No workers are allowed (ALLOWED_WORKER_COUNT is 0)."
                : "All workers are busy (%d of %d).".formatted(held, allowed)));
  }
}
