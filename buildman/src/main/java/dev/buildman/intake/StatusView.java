package dev.buildman.intake;

import dev.buildman.model.AttemptId;
import dev.buildman.model.HostId;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.job.WorkerHandle;
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
   * @param off since when and why it takes nothing; empty: it is switched on
   */
  public record ExecutorView(
      String name, String kind, int live, int maximumWorkers, String circuit, Optional<Off> off) {}

  /** Since when an executor is switched off, and who wanted it and why; may be empty. */
  public record Off(Instant since, String sentence) {}

  /**
   * How to find a worker.
   *
   * @param id the executor's own; empty: the launch was never answered
   * @param host that alone sees it; empty: any manager does
   */
  public record Handle(String executor, String name, String id, String host) {

    static Handle of(WorkerHandle worker) {
      return new Handle(
          worker.executor().value(),
          worker.name(),
          worker.executionId().orElse(""),
          worker.host().map(HostId::value).orElse(""));
    }
  }

  /** A manager that is there. */
  public record ManagerView(
      String id, String hostId, String version, Instant started, List<Condition> executors) {}

  /**
   * An executor that does not look well to a manager.
   *
   * @param trouble empty: its circuit alone
   */
  public record Condition(String executor, String circuit, String trouble) {}

  /**
   * A worker that must be seen gone.
   *
   * @param trouble why it is not yet; empty: nobody has looked in vain
   */
  public record DutyView(
      AttemptId attempt,
      Handle worker,
      Instant created,
      int tries,
      String reason,
      String trouble) {}
}
