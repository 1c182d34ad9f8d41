package dev.buildman.orchestrator;

import java.time.Duration;

/** The settings that scripts go by. Each call passes the present ones, so they may change. */
public record Limits(Capacity capacity, Retries retries, Times times) {

  /**
   * @param allowedWorkers slots of this manager's file; 0 claims nothing
   * @param perRepository builds of one repository at a time; 0: no limit
   * @param perNamespace jobs of one namespace at a time; 0: no limit
   * @param maxQueued builds that may wait
   */
  public record Capacity(int allowedWorkers, int perRepository, int perNamespace, int maxQueued) {}

  /**
   * @param maxInterruptions repeats that cost no try
   * @param backoffFirst pause before the first repeat; doubles with each, ± 20 %
   * @param backoffMax the longest pause
   */
  public record Retries(int maxInterruptions, Duration backoffFirst, Duration backoffMax) {}

  /**
   * @param lease how long an agent may be silent
   * @param jobRegistration from a claim to its intent, and from an intent to its recorded launch
   * @param machineMax a worker's life at most
   * @param terminationHold how long an ended worker that nobody saw end keeps its slot
   * @param reconnectWindow after which a cut-off agent of ours ends itself
   */
  public record Times(
      Duration lease,
      Duration jobRegistration,
      Duration machineMax,
      Duration terminationHold,
      Duration reconnectWindow) {}

  /** The defaults of the configuration, for one worker. */
  public static Limits defaults() {
    return new Limits(
        new Capacity(1, 1, 0, 100_000),
        new Retries(10, Duration.ofSeconds(5), Duration.ofSeconds(300)),
        new Times(
            Duration.ofSeconds(60),
            Duration.ofSeconds(30),
            Duration.ofSeconds(7200),
            Duration.ofSeconds(120),
            Duration.ofSeconds(300)));
  }

  /** The same with other capacities. */
  public Limits with(Capacity other) {
    return new Limits(other, retries, times);
  }

  /** The same with other bounds of repeats. */
  public Limits with(Retries other) {
    return new Limits(capacity, other, times);
  }

  /** The same with other times. */
  public Limits with(Times other) {
    return new Limits(capacity, retries, other);
  }
}
