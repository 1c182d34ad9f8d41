package dev.buildman.orchestrator.events;

import dev.buildman.model.Phase;
import dev.buildman.model.Why;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Numbers of the whole installation, by Redis's clock.
 *
 * @param live slots held on each executor, by its name
 * @param aside why none of a namespace's builds is claimed, by its name; at most 100
 */
public record OrchestratorStatus(
    Queue queue,
    int slots,
    Map<String, Integer> live,
    Duties duties,
    Outage outage,
    List<ManagerInfo> managers,
    Map<String, Why> aside) {

  /**
   * @param phases builds in each phase, ended ones until they are retired
   * @param runnable namespaces with a build that can be claimed
   * @param delayed builds that wait for a repeat
   * @param parked builds and namespaces that wait for room or for an executor
   * @param jobs builds that a manager or a worker has
   * @param oldestWait since the oldest waiting build was enqueued; empty: none waits
   */
  public record Queue(
      Map<Phase, Integer> phases,
      int runnable,
      int delayed,
      int parked,
      int jobs,
      Optional<Duration> oldestWait) {
    /** Builds that wait. */
    public int depth() {
      return phases.getOrDefault(Phase.WAITING, 0);
    }
  }

  /**
   * @param open workers that were not seen gone yet
   * @param oldest since the oldest one's attempt ended; empty: none
   */
  public record Duties(int open, Optional<Duration> oldest) {}

  /**
   * @param now of Redis
   * @param lastTick of any manager; empty: never
   * @param graceFrom when the last grace began; empty: never
   * @param graceUntil no lease ends before it; empty: none was ever
   * @param claimsFrom no build is claimed before it; empty: they are
   */
  public record Outage(
      Instant now,
      Optional<Instant> lastTick,
      Optional<Instant> graceFrom,
      Optional<Instant> graceUntil,
      Optional<Instant> claimsFrom) {}
}
