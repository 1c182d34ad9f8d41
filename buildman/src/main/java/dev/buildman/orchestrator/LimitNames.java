package dev.buildman.orchestrator;

import java.time.Duration;

/** The names by which scripts ask for settings ({@code --! limits:}). Times are milliseconds. */
final class LimitNames {
  /** What an agent may need to come back after an outage, on top of a lease. */
  private static final Duration RECONNECT_PAUSE = Duration.ofSeconds(15);

  private LimitNames() {}

  static long value(Limits limits, String name) {
    Limits.Capacity capacity = limits.capacity();
    Limits.Retries retries = limits.retries();
    Limits.Times times = limits.times();
    return switch (name) {
      case "allowed" -> capacity.allowedWorkers();
      case "per_repository" -> capacity.perRepository();
      case "per_namespace" -> capacity.perNamespace();
      case "max_queued" -> capacity.maxQueued();
      case "max_interruptions" -> retries.maxInterruptions();
      case "backoff_first" -> retries.backoffFirst().toMillis();
      case "backoff_max" -> retries.backoffMax().toMillis();
      case "lease" -> times.lease().toMillis();
      case "grace" -> times.lease().plus(RECONNECT_PAUSE).toMillis();
      case "job_registration" -> times.jobRegistration().toMillis();
      case "machine_max" -> times.machineMax().toMillis();
      case "hold" -> times.terminationHold().toMillis();
      case "reconnect_window" -> times.reconnectWindow().toMillis();
      default -> throw new IllegalStateException("no limit is called '" + name + "'");
    };
  }
}
