package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.DutyStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows which workers are not yet seen gone, and why. */
@Command(
    name = "duties",
    mixinStandardHelpOptions = true,
    description = {
      "Shows workers whose attempt has ended and that no executor has confirmed to be gone yet, the"
          + " oldest first, at most 100.",
      "Each is stopped and looked for again until it is confirmed; nothing has to be done by hand,"
          + " unless what stands there says so."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman duties",
      "  buildman duties --json | jq -r 'select(.tries > 10) | .execution_id + \" \" + .text'"
    })
final class DutiesCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ServerOptions server;

  @Option(names = "--json", description = "JSON, one duty per line.")
  private boolean json;

  DutiesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (BuildsClient client = server.connect(terminal)) {
      List<DutyStatus> duties = client.getStatus().getDutiesList();
      if (json) {
        duties.forEach(duty -> Json.line(terminal.out(), JsonOperations.duty(duty)));
      } else if (duties.isEmpty()) {
        terminal.err().println("Every worker whose attempt ended was seen gone.");
      } else {
        print(duties);
      }
    }
    return ExitCode.OK;
  }

  private void print(List<DutyStatus> duties) {
    Instant now = terminal.clock().instant();
    Table table =
        new Table("BUILD", "ATTEMPT", "EXECUTOR", "SINCE", "TRIES", "ENDED BY", "WORKER", "WHY");
    for (DutyStatus duty : duties) {
      table.row(
          duty.getBuildId().substring(0, 8),
          Integer.toString(duty.getAttempt()),
          duty.getExecutor(),
          Words.span(Duration.between(Words.instant(duty.getCreatedAt()), now)),
          Integer.toString(duty.getTries()),
          duty.getReason(),
          duty.getExecutionId().isEmpty() ? duty.getExecutionName() : duty.getExecutionId(),
          duty.getText().isEmpty() ? "it is being stopped" : duty.getText());
    }
    table.print(terminal.out());
  }
}
