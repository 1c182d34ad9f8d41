package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.CallFailed;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.CancelBuildRequest;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Ends builds. */
@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    description = {
      "Ends builds at once, in any phase; their workers follow within seconds.",
      "Cancelling again is no error. A build that was pushing may have left tags: its reason says"
          + " so."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman cancel $id --reason 'newer commit'",
      "  buildman cancel $(buildman ps -q --repository acme/app)"
    })
final class CancelCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Mixin private ServerOptions server;

  @Parameters(
      arity = "1..*",
      paramLabel = "ID",
      description = "Builds, or the first characters of their ids.")
  private List<String> ids;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the build's history.")
  private String reason = "";

  @Option(names = "--by", paramLabel = "NAME", description = "Who. Default: your user name.")
  private @Nullable String by;

  @Option(names = "--json", description = "JSON, one build per line.")
  private boolean json;

  CancelCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    @Nullable CallFailed first = null;
    try (BuildsClient client = server.connect(terminal)) {
      for (String id : ids) {
        try {
          print(cancel(client, id));
        } catch (CallFailed e) {
          // One that has ended meanwhile must not keep the others alive.
          if (ids.size() > 1 && e.kind() == CallFailed.Kind.REFUSED) {
            terminal.complain(String.valueOf(e.getMessage()));
            first = first == null ? e : first;
          } else {
            throw e;
          }
        }
      }
    }
    return first == null ? ExitCode.OK : ExitCode.REFUSED;
  }

  private Build cancel(BuildsClient client, String id) {
    String who = by == null ? System.getProperty("user.name", "") : by;
    return client.cancelBuild(
        CancelBuildRequest.newBuilder()
            .setBuildId(BuildIds.resolve(client, id))
            .setReason(reason)
            .setBy(who)
            .build());
  }

  private void print(Build build) {
    if (json) {
      Json.line(terminal.out(), JsonView.build(build));
    } else {
      terminal.out().println(build.getId() + " cancelled");
      if (build.getReason().equals("CANCELLED_WHILE_PUSHING")) {
        terminal
            .err()
            .println("It was pushing: tags of %s may exist.".formatted(Words.image(build)));
      }
    }
  }
}
