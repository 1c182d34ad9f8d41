package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.Follow;
import dev.buildman.client.Follower;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Event;
import dev.buildman.proto.v1.LogEntry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints a build's log. */
@Command(
    name = "logs",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a build's log; with -f as it grows, until the build has ended.",
      "With -f the exit status is the build's: 0 complete, 1 failed, 3 cancelled."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman logs $id",
      "  buildman logs -f $id && echo pushed",
      "  buildman logs --from 1000 $id          # from an entry on, the first is 0",
      "  buildman logs --json $id | jq -r 'select(.kind == \"command\") | .message'"
    })
final class LogsCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ServerOptions server;

  @Parameters(paramLabel = "ID", description = "The build, or the first characters of its id.")
  private String id;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until the build has ended.")
  private boolean follow;

  @Option(
      names = "--from",
      paramLabel = "INDEX",
      defaultValue = "0",
      description = "First entry, counted from 0.")
  private long from;

  @Option(names = "--json", description = "JSON, one entry per line.")
  private boolean json;

  LogsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (from < 0) {
      throw new UsageException("--from must be 0 or more");
    }
    try (BuildsClient client = server.connect(terminal)) {
      String whole = BuildIds.resolve(client, id);
      Printer printer = new Printer();
      if (!follow) {
        client.readLog(whole, from, printer::onLog);
        printer.end();
        return ExitCode.OK;
      }
      Build build = new Follow(client, whole, printer).run(from);
      printer.end();
      return Words.exitCode(build);
    }
  }

  private final class Printer implements Follower {
    private final LogLines lines = new LogLines(terminal);

    @Override
    public void onLog(long index, List<LogEntry> entries) {
      for (int i = 0; i < entries.size(); i++) {
        if (json) {
          Json.line(terminal.out(), JsonView.log(index + i, entries.get(i)));
        } else {
          lines.print(entries.get(i));
        }
      }
    }

    void end() {
      lines.end();
    }

    @Override
    public void onBuild(Build build) {
      // Only its log was asked for.
    }

    @Override
    public void onEvents(List<Event> events) {
      // Only its log was asked for.
    }

    @Override
    public void onAway(String text) {
      lines.end();
      terminal.complain(text + "; trying again");
    }

    @Override
    public void onBack() {
      terminal.err().println("The manager is back.");
    }
  }
}
