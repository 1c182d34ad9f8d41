package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.DutyStatus;
import dev.buildman.proto.v1.ExecutorCondition;
import dev.buildman.proto.v1.ExecutorStatus;
import dev.buildman.proto.v1.ManagerStatus;
import dev.buildman.proto.v1.NamespaceStatus;
import dev.buildman.proto.v1.Status;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows how the installation stands. */
@Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = {
      "Shows how the installation stands: capacity, queue, executors, managers, and workers that"
          + " must still be seen gone."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman status",
      "  buildman status --json | jq '.allowed_workers - .slots_held'",
      "  buildman status >/dev/null || echo 'no manager'   # 4 when none answers"
    })
final class StatusCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ServerOptions server;

  @Option(names = "--json", description = "One JSON document.")
  private boolean json;

  StatusCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (BuildsClient client = server.connect(terminal)) {
      Status status = client.getStatus();
      if (json) {
        Json.line(terminal.out(), JsonView.status(status));
      } else {
        print(status);
      }
    }
    return ExitCode.OK;
  }

  private void print(Status status) {
    PrintStream out = terminal.out();
    Instant now = terminal.clock().instant();
    out.println("installation  " + status.getInstallation() + ", " + status.getServerVersion());
    out.println(
        "workers       %d of %d".formatted(status.getSlotsHeld(), status.getAllowedWorkers()));
    String oldest =
        status.hasOldestEnqueuedAt()
            ? ", the oldest for " + since(Words.instant(status.getOldestEnqueuedAt()), now)
            : "";
    out.println("waiting       %d%s".formatted(status.getQueued(), oldest));
    if (status.getDelayed() > 0 || status.getParked() > 0) {
      out.println(
          "              %d delayed, %d parked".formatted(status.getDelayed(), status.getParked()));
    }
    if (status.getQueued() > 0 && !status.getStandstillReason().isEmpty()) {
      out.println(
          "standstill    %s: %s"
              .formatted(status.getStandstillReason(), status.getStandstillText()));
    }
    out.println("running       " + status.getRunning());
    if (status.hasGraceUntil()) {
      Duration left = Duration.between(now, Words.instant(status.getGraceUntil()));
      out.println("grace         no lease ends for " + Words.span(left) + ": there was an outage");
    }
    namespaces(status);
    executors(status);
    managers(status, now);
    conditions(status);
    duties(status, now);
    status.getWarningsList().forEach(warning -> out.println("\nwarning: " + warning));
  }

  private void namespaces(Status status) {
    if (status.getNamespacesCount() == 0) {
      return;
    }
    Table table = new Table("NAMESPACE", "WAITS FOR", "");
    for (NamespaceStatus namespace : status.getNamespacesList()) {
      table.row(namespace.getNamespace(), namespace.getReason(), namespace.getText());
    }
    terminal.out().println();
    table.print(terminal.out());
  }

  private void executors(Status status) {
    if (status.getExecutorsCount() == 0) {
      return;
    }
    Table table = new Table("EXECUTOR", "KIND", "WORKERS", "MAXIMUM", "CIRCUIT");
    for (ExecutorStatus executor : status.getExecutorsList()) {
      table.row(
          executor.getName(),
          executor.getKind(),
          Integer.toString(executor.getLive()),
          executor.getMaximumWorkers() == 0 ? "-" : Integer.toString(executor.getMaximumWorkers()),
          executor.getDisabled() ? off(executor) : executor.getCircuit());
    }
    terminal.out().println();
    table.print(terminal.out());
  }

  private static String off(ExecutorStatus executor) {
    String why = executor.getDisabledText();
    return why.isEmpty() ? "disabled" : "disabled (" + why + ")";
  }

  private void managers(Status status, Instant now) {
    Table table = new Table("MANAGER", "HOST", "VERSION", "UP");
    for (ManagerStatus manager : status.getManagersList()) {
      String up = manager.hasStartedAt() ? since(Words.instant(manager.getStartedAt()), now) : "-";
      table.row(manager.getId(), manager.getHostId(), manager.getVersion(), up);
    }
    terminal.out().println();
    table.print(terminal.out());
  }

  private void conditions(Status status) {
    Table table = new Table("IN THE WAY OF", "SEEN BY", "CIRCUIT", "");
    boolean any = false;
    for (ManagerStatus manager : status.getManagersList()) {
      for (ExecutorCondition executor : manager.getExecutorsList()) {
        any = true;
        table.row(
            executor.getExecutor(), manager.getId(), executor.getCircuit(), executor.getText());
      }
    }
    if (any) {
      terminal.out().println();
      table.print(terminal.out());
    }
  }

  private void duties(Status status, Instant now) {
    if (status.getDutiesCount() == 0) {
      return;
    }
    Table table = new Table("TO BE SEEN GONE", "ATTEMPT", "EXECUTOR", "SINCE", "TRIES", "REASON");
    for (DutyStatus duty : status.getDutiesList()) {
      table.row(
          duty.getBuildId(),
          Integer.toString(duty.getAttempt()),
          duty.getExecutor(),
          since(Words.instant(duty.getCreatedAt()), now),
          Integer.toString(duty.getTries()),
          duty.getReason());
    }
    terminal.out().println();
    table.print(terminal.out());
  }

  private static String since(Instant start, Instant now) {
    return Words.span(Duration.between(start, now));
  }
}
