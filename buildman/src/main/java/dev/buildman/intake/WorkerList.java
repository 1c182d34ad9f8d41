package dev.buildman.intake;

import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.Phase;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.duty.Duties;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.job.WorkerHandle;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Lists every worker that was or may have been started and was not seen to end. */
public final class WorkerList {
  private static final int MOST_DUTIES = 100_000;

  // Several heartbeats, and far less than a lease.
  private static final Duration SILENT = Duration.ofSeconds(15);

  private final Jobs jobs;
  private final Duties duties;
  private final StatusReader status;
  private final Patience patience;

  public WorkerList(OrchestratorScripts scripts, Patience patience) {
    this.jobs = new Jobs(scripts);
    this.duties = new Duties(scripts);
    this.status = new StatusReader(scripts);
    this.patience = patience;
  }

  /** How far a worker is. */
  public enum State {
    /** Its launch was not answered yet. */
    LAUNCHING,
    /** No agent has registered yet. */
    STARTING,
    RUNNING,
    /** Its agent was not heard for a while. */
    SILENT,
    /** Its attempt has ended, and it must be seen gone. */
    ENDING;

    /** On every surface. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * A worker.
   *
   * @param phase of its build; empty: it is ending
   * @param since its launch, or its claim; of one that is ending the end of its attempt
   * @param lastBeat empty: no agent registered, or it is ending
   * @param version of its agent; empty: none, or Quay's
   * @param trouble why it is not seen gone yet; empty: nobody has looked in vain
   */
  public record WorkerView(
      AttemptId attempt,
      StatusView.Handle handle,
      State state,
      Optional<Phase> phase,
      Instant since,
      Optional<Instant> lastBeat,
      String version,
      String trouble) {}

  /**
   * All of them, the oldest first; may throw {@link OrchestratorAway}.
   *
   * @param executor only its; empty: all
   */
  public List<WorkerView> list(String executor) {
    // Duties first: what ends in between is listed as running rather than not at all.
    List<Duty> open = patience.call(() -> duties.open(MOST_DUTIES));
    List<JobRecord> live = patience.call(jobs::live);
    Instant now = patience.call(status::read).outage().now();
    List<WorkerView> workers = new ArrayList<>();
    live.forEach(job -> job.worker().ifPresent(handle -> workers.add(running(job, handle, now))));
    Set<AttemptId> listed = workers.stream().map(WorkerView::attempt).collect(Collectors.toSet());
    open.stream()
        .filter(duty -> !listed.contains(duty.attempt().attempt()))
        .map(WorkerList::ending)
        .forEach(workers::add);
    return workers.stream()
        .filter(worker -> executor.isEmpty() || worker.handle().executor().equals(executor))
        .sorted(Comparator.comparing(WorkerView::since))
        .toList();
  }

  private static WorkerView running(JobRecord job, WorkerHandle handle, Instant now) {
    return new WorkerView(
        job.attempt(),
        StatusView.Handle.of(handle),
        state(job, now),
        Optional.of(job.phase()),
        job.times().launched().orElse(job.times().claimed()),
        job.agent().map(JobRecord.AgentState::lastBeat),
        job.agent().filter(a -> a.kind() == AgentKind.OURS).map(a -> a.version()).orElse(""),
        "");
  }

  private static State state(JobRecord job, Instant now) {
    if (job.agent().isEmpty()) {
      return job.step() == JobRecord.Step.LAUNCHED ? State.STARTING : State.LAUNCHING;
    }
    Duration silence = Duration.between(job.agent().get().lastBeat(), now);
    return silence.compareTo(SILENT) < 0 ? State.RUNNING : State.SILENT;
  }

  private static WorkerView ending(Duty duty) {
    return new WorkerView(
        duty.attempt().attempt(),
        StatusView.Handle.of(duty.worker()),
        State.ENDING,
        Optional.empty(),
        duty.progress().created(),
        Optional.empty(),
        "",
        duty.progress().trouble());
  }
}
