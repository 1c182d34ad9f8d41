package dev.buildman.edge.client;

import dev.buildman.intake.StatusView;
import dev.buildman.model.Why;
import dev.buildman.proto.v1.DutyStatus;
import dev.buildman.proto.v1.ExecutorStatus;
import dev.buildman.proto.v1.ManagerStatus;
import dev.buildman.proto.v1.NamespaceStatus;
import dev.buildman.proto.v1.Status;

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

  private static ExecutorStatus executor(StatusView.ExecutorView executor) {
    return ExecutorStatus.newBuilder()
        .setName(executor.name())
        .setKind(executor.kind())
        .setLive(executor.live())
        .setMaximumWorkers(executor.maximumWorkers())
        .setCircuit(executor.circuit())
        .build();
  }

  private static ManagerStatus manager(StatusView.ManagerView manager) {
    return ManagerStatus.newBuilder()
        .setId(manager.id())
        .setHostId(manager.hostId())
        .setVersion(manager.version())
        .setStartedAt(BuildMessages.timestamp(manager.started()))
        .build();
  }

  private static DutyStatus duty(StatusView.DutyView duty) {
    return DutyStatus.newBuilder()
        .setBuildId(duty.buildId())
        .setAttempt(duty.attempt())
        .setExecutor(duty.executor())
        .setExecutionName(duty.executionName())
        .setCreatedAt(BuildMessages.timestamp(duty.created()))
        .setTries(duty.tries())
        .setReason(duty.reason())
        .build();
  }
}
