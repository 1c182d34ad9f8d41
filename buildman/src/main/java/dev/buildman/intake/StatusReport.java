package dev.buildman.intake;

import dev.buildman.model.Installation;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.duty.Duties;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.OrchestratorStatus;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.job.ExecutorSwitch;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Puts together what an operator asks first. */
public final class StatusReport {

  private static final int MOST_DUTIES = 100;

  private final OrchestratorScripts scripts;
  private final StatusReader reader;
  private final Duties duties;
  private final ExecutorSwitch switches;
  private final Manager manager;
  private final Patience patience;

  /**
   * What only this manager knows.
   *
   * @param executors of its file; how many live on each is not asked of it
   * @param standstill why they take nothing; empty: one does
   * @param warnings what its start-up checks found
   */
  public record Manager(
      String version,
      Installation installation,
      Supplier<List<StatusView.ExecutorView>> executors,
      Supplier<Optional<Why>> standstill,
      Supplier<List<String>> warnings) {}

  /** Reports by these scripts. */
  public StatusReport(OrchestratorScripts scripts, Manager manager, Patience patience) {
    this.scripts = scripts;
    this.reader = new StatusReader(scripts);
    this.duties = new Duties(scripts);
    this.switches = new ExecutorSwitch(scripts);
    this.manager = manager;
    this.patience = patience;
  }

  /** How it stands now; may throw {@link OrchestratorAway}. */
  public StatusView read() {
    OrchestratorStatus status = patience.call(reader::read);
    List<Duty> open = patience.call(() -> duties.open(MOST_DUTIES));
    int allowed = scripts.limits().capacity().allowedWorkers();
    return new StatusView(
        manager.version(),
        manager.installation().id(),
        new StatusView.Capacity(
            allowed, status.slots(), Room.of(status, allowed, manager.standstill().get()).none()),
        queue(status),
        executors(status),
        status.managers().stream().map(StatusReport::view).toList(),
        open.stream().map(StatusReport::view).toList(),
        manager.warnings().get(),
        graceUntil(status.outage()));
  }

  private static StatusView.Queue queue(OrchestratorStatus status) {
    OrchestratorStatus.Queue queue = status.queue();
    Instant now = status.outage().now();
    return new StatusView.Queue(
        queue.depth(),
        queue.runnable(),
        queue.delayed(),
        queue.parked(),
        queue.jobs(),
        queue.oldestWait().map(now::minus),
        status.aside());
  }

  private List<StatusView.ExecutorView> executors(OrchestratorStatus status) {
    Map<String, ExecutorSwitch.Off> off = patience.call(switches::allOff);
    return manager.executors().get().stream()
        .map(
            executor ->
                new StatusView.ExecutorView(
                    executor.name(),
                    executor.kind(),
                    status.live().getOrDefault(executor.name(), 0),
                    executor.maximumWorkers(),
                    executor.circuit(),
                    Optional.ofNullable(off.get(executor.name()))
                        .map(o -> new StatusView.Off(o.since(), o.sentence()))))
        .toList();
  }

  private static StatusView.ManagerView view(ManagerInfo manager) {
    return new StatusView.ManagerView(
        manager.id().value(),
        manager.host().value(),
        manager.version(),
        manager.started(),
        manager.state().executors().stream()
            .map(one -> new StatusView.Condition(one.executor(), one.circuit(), one.trouble()))
            .toList());
  }

  private static StatusView.DutyView view(Duty duty) {
    return new StatusView.DutyView(
        duty.attempt().attempt(),
        StatusView.Handle.of(duty.worker()),
        duty.progress().created(),
        duty.progress().tries(),
        duty.reason(),
        duty.progress().trouble());
  }

  private static Optional<Instant> graceUntil(OrchestratorStatus.Outage outage) {
    return outage.graceUntil().filter(until -> until.isAfter(outage.now()));
  }
}
