package dev.buildman.orchestrator;

import dev.buildman.config.ConfigMap;
import dev.buildman.orchestrator.Limits.Capacity;
import dev.buildman.orchestrator.Limits.Retries;
import dev.buildman.orchestrator.Limits.Times;
import java.time.Duration;

/** Reads the limits out of Quay's map and ours. */
public final class LimitsConfig {

  private static final int MOST = 1_000_000;

  /** A launch gets this much less than the registration's time; nothing would be left of less. */
  private static final Duration SHORTEST_REGISTRATION = Duration.ofSeconds(6);

  private LimitsConfig() {}

  /**
   * Reads.
   *
   * @param manager the map of {@code BUILD_MANAGER}
   * @param ours {@code BUILDMAN}
   */
  public static Limits parse(ConfigMap manager, ConfigMap ours) {
    Limits usual = Limits.defaults();
    ConfigMap backoff = ours.section("RETRY_BACKOFF");
    Retries retries = usual.retries();
    Times times = usual.times();
    return new Limits(
        capacity(manager, ours, usual.capacity()),
        new Retries(
            ours.integer("MAX_INTERRUPTIONS", retries.maxInterruptions(), 0, MOST),
            backoff.duration("FIRST", retries.backoffFirst()),
            backoff.duration("MAX", retries.backoffMax())),
        new Times(
            ours.duration("LEASE", times.lease()),
            manager.duration(
                "JOB_REGISTRATION_TIMEOUT", times.jobRegistration(), SHORTEST_REGISTRATION),
            manager.duration("MACHINE_MAX_TIME", times.machineMax()),
            ours.duration("TERMINATION_HOLD", times.terminationHold()),
            ours.duration("RECONNECT_WINDOW", times.reconnectWindow())));
  }

  private static Capacity capacity(ConfigMap manager, ConfigMap ours, Capacity usual) {
    return new Capacity(
        manager.integer("ALLOWED_WORKER_COUNT", usual.allowedWorkers(), 0, MOST),
        ours.integer("BUILDS_PER_REPOSITORY", usual.perRepository(), 0, MOST),
        ours.integer("BUILDS_PER_NAMESPACE", usual.perNamespace(), 0, MOST),
        ours.integer("MAX_QUEUED", usual.maxQueued(), 1, 100 * MOST));
  }
}
