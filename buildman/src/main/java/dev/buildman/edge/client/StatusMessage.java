package dev.buildman.edge.client;

import dev.buildman.intake.StatusView;
import dev.buildman.intake.WorkerList;
import dev.buildman.model.Why;
import dev.buildman.proto.v1.DutyStatus;
import dev.buildman.proto.v1.ExecutorStatus;
import dev.buildman.proto.v1.ManagerStatus;
import dev.buildman.proto.v1.NamespaceStatus;
import dev.buildman.proto.v1.Status;
import dev.buildman.proto.v1.WorkerStatus;

/** Writes the installation's status as a message. */
final class StatusMessage {

  private StatusMessage() {}

  static Status of(StatusView view) {
    Status.Builder status =
        Status.newBuilder()
            .setServerVersion(view.version())
            .setInstallation(view.installation())
            .setAllowedWorkers(view.capacity().allowedWorkers())
            .setSlotsHeld(view.capacity().slotsHeld())
            .setQueued(view.queue().queued())
            .setRunnable(view.queue().runnable())
            .setDelayed(view.queue().delayed())
            .setParked(view.queue().parked())
            .setRunning(view.queue().running())
            .addAllWarnings(view.warnings());
    view.queue()
        .oldestEnqueued()
        .ifPresent(at -> status.setOldestEnqueuedAt(BuildMessages.timestamp(at)));
    view.graceUntil().ifPresent(at -> status.setGraceUntil(BuildMessages.timestamp(at)));
    view.capacity()
        .none()
        .ifPresent(
            why -> status.setStandstillReason(why.reason()).setStandstillText(why.sentence()));
    view.queue().aside().forEach((name, why) -> status.addNamespaces(namespace(name, why)));
    view.executors().forEach(executor -> status.addExecutors(executor(executor)));
    view.managers().forEach(manager -> status.addManagers(manager(manager)));
    view.duties().forEach(duty -> status.addDuties(duty(duty)));
    return status.build();
  }

  private static NamespaceStatus namespace(String name, Why why) {
    return NamespaceStatus.newBuilder()
        .setNamespace(name)
        .setReason(why.reason())
        .setText(why.sentence())
        .build();
  }

  static ExecutorStatus executor(StatusView.ExecutorView executor) {
    ExecutorStatus.Builder status =
        ExecutorStatus.newBuilder()
            .setName(executor.name())
            .setKind(executor.kind())
            .setLive(executor.live())
            .setMaximumWorkers(executor.maximumWorkers())
            .setCircuit(executor.circuit());
    executor
        .off()
        .ifPresent(
            off ->
                status
                    .setDisabled(true)
                    .setDisabledText(off.sentence())
                    .setDisabledAt(BuildMessages.timestamp(off.since())));
    return status.build();
  }

  static WorkerStatus worker(WorkerList.WorkerView worker) {
    WorkerStatus.Builder status =
        WorkerStatus.newBuilder()
            .setBuildId(worker.attempt().build().value())
            .setAttempt(worker.attempt().number())
            .setExecutor(worker.handle().executor())
            .setExecutionName(worker.handle().name())
            .setExecutionId(worker.handle().id())
            .setState(worker.state().word())
            .setSince(BuildMessages.timestamp(worker.since()))
            .setAgentVersion(worker.version())
            .setText(worker.trouble());
    worker.phase().ifPresent(phase -> status.setPhase(Phases.message(phase)));
    worker.lastBeat().ifPresent(at -> status.setLastBeatAt(BuildMessages.timestamp(at)));
    return status.build();
  }

  private static ManagerStatus manager(StatusView.ManagerView manager) {
    ManagerStatus.Builder status =
        ManagerStatus.newBuilder()
            .setId(manager.id())
            .setHostId(manager.hostId())
            .setVersion(manager.version())
            .setStartedAt(BuildMessages.timestamp(manager.started()));
    for (StatusView.Condition executor : manager.executors()) {
      status
          .addExecutorsBuilder()
          .setExecutor(executor.executor())
          .setCircuit(executor.circuit())
          .setText(executor.trouble());
    }
    return status.build();
  }

  private static DutyStatus duty(StatusView.DutyView duty) {
    return DutyStatus.newBuilder()
        .setBuildId(duty.attempt().build().value())
        .setAttempt(duty.attempt().number())
        .setExecutor(duty.worker().executor())
        .setExecutionName(duty.worker().name())
        .setExecutionId(duty.worker().id())
        .setHostId(duty.worker().host())
        .setText(duty.trouble())
        .setCreatedAt(BuildMessages.timestamp(duty.created()))
        .setTries(duty.tries())
        .setReason(duty.reason())
        .build();
  }
}
