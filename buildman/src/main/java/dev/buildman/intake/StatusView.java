package dev.buildman.intake;

import dev.buildman.model.Why;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the whole installation stands.
 *
 * @param warnings what an operator should know, in plain words
 * @param graceUntil no lease ends before it; empty: no outage was seen
 */
public record StatusView(
    String version,
    String installation,
    Capacity capacity,
    Queue queue,
    List<ExecutorView> executors,
    List<ManagerView> managers,
    List<DutyView> duties,
    List<String> warnings,
    Optional<Instant> graceUntil) {

  /**
   * Slots that may be held, and those that are.
   *
   * @param none why no worker is started now, whatever waits; empty: workers are started
   */
  public record Capacity(int allowedWorkers, int slotsHeld, Optional<Why> none) {}

  /**
   * @param queued builds that wait, wherever
   * @param runnable namespaces that have a build to claim
   * @param oldestEnqueued empty: nothing waits
   * @param aside why none of a namespace's builds is started, by its name
   */
  public record Queue(
      long queued,
      long runnable,
      long delayed,
      long parked,
      int running,
      Optional<Instant> oldestEnqueued,
      Map<String, Why> aside) {}

  /**
   * @param live slots held on it, over all managers
   * @param maximumWorkers 0: no limit
   * @param circuit as the answering manager sees it
   */
  public record ExecutorView(
      String name, String kind, int live, int maximumWorkers, String circuit) {}

  /** A manager that is there. */
  public record ManagerView(String id, String hostId, String version, Instant started) {}

  /** A worker that must be seen gone. */
  public record DutyView(
      String buildId,
      int attempt,
      String executor,
      String executionName,
      Instant created,
      int tries,
      String reason) {}
}
