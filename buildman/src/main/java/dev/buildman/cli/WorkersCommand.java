package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.WorkerStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists workers. */
@Command(
    name = "workers",
    mixinStandardHelpOptions = true,
    description = {
      "Lists every worker that was or may have been started and was not seen to end, the oldest"
          + " first.",
      "",
      "launching  its launch was not answered yet",
      "starting   no agent has registered yet",
      "running    its agent is heard",
      "silent     its agent was not heard for 15 s",
      "ending     its attempt has ended; see 'buildman duties'"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman workers",
      "  buildman workers --executor cluster-a",
      "  buildman workers --json | jq -r 'select(.state == \"silent\") | .execution_id'"
    })
final class WorkersCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ServerOptions server;

  @Option(names = "--executor", paramLabel = "NAME", description = "Only of this executor.")
  private String executor = "";

  @Option(names = "--json", description = "JSON, one worker per line.")
  private boolean json;

  WorkersCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (BuildsClient client = server.connect(terminal)) {
      List<WorkerStatus> workers = client.listWorkers(executor);
      if (json) {
        workers.forEach(worker -> Json.line(terminal.out(), JsonOperations.worker(worker)));
      } else if (workers.isEmpty()) {
        terminal.err().println("No worker.");
      } else {
        print(workers);
      }
    }
    return ExitCode.OK;
  }

  private void print(List<WorkerStatus> workers) {
    Instant now = terminal.clock().instant();
    Table table = new Table("BUILD", "ATTEMPT", "EXECUTOR", "STATE", "PHASE", "AGE", "WORKER", "");
    for (WorkerStatus worker : workers) {
      boolean ending = worker.getState().equals("ending");
      table.row(
          worker.getBuildId().substring(0, 8),
          Integer.toString(worker.getAttempt()),
          worker.getExecutor(),
          worker.getState(),
          ending ? "-" : Words.phase(worker.getPhase()),
          Words.span(Duration.between(Words.instant(worker.getSince()), now)),
          worker.getExecutionId().isEmpty() ? worker.getExecutionName() : worker.getExecutionId(),
          worker.getText());
    }
    table.print(terminal.out());
  }
}
