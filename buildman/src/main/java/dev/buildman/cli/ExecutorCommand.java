package dev.buildman.cli;

import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.ExecutorStatus;
import dev.buildman.proto.v1.SetExecutorRequest;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Groups the commands that switch executors off and on. */
@Command(
    name = "executor",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "disable|enable",
    description = "Switches executors off and on while managers run.")
final class ExecutorCommand implements Runnable {

  @Spec private CommandSpec spec;

  private ExecutorCommand() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new ExecutorCommand())
        .addSubcommand(new Disable(terminal))
        .addSubcommand(new Enable(terminal));
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "Say what to do, for instance: executor disable NAME");
  }

  /** What both do. */
  private abstract static class Switch implements Callable<Integer> {
    private final Terminal terminal;
    private final boolean off;

    @Mixin private ServerOptions server;

    @Parameters(paramLabel = "NAME", description = "Of the executor, as 'buildman status' has it.")
    private String name;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for other operators.")
    private String reason = "";

    @Option(names = "--by", paramLabel = "NAME", description = "Who. Default: your user name.")
    private @Nullable String by;

    @Option(names = "--json", description = "JSON.")
    private boolean json;

    Switch(Terminal terminal, boolean off) {
      this.terminal = terminal;
      this.off = off;
    }

    @Override
    public Integer call() throws IOException {
      String who = by == null ? System.getProperty("user.name", "") : by;
      try (BuildsClient client = server.connect(terminal)) {
        ExecutorStatus now =
            client.setExecutor(
                SetExecutorRequest.newBuilder()
                    .setName(name)
                    .setDisabled(off)
                    .setReason(reason)
                    .setBy(who)
                    .build());
        if (json) {
          Json.line(terminal.out(), JsonOperations.executor(now));
        } else if (off) {
          terminal
              .out()
              .println(
                  "%s takes no more builds; %d workers run there to their end"
                      .formatted(name, now.getLive()));
        } else {
          terminal.out().println(name + " takes builds");
        }
      }
      return ExitCode.OK;
    }
  }

  /** Lets one take nothing more. */
  @Command(
      name = "disable",
      mixinStandardHelpOptions = true,
      description = {
        "Lets an executor take no more builds, for all managers, until it is enabled; a restart"
            + " changes nothing about that. Its workers run on to their end.",
        "Builds go to the next executor of the chain; where there is none they wait, and pay"
            + " nothing for it."
      },
      footerHeading = "%nExamples:%n",
      footer = "  buildman executor disable cluster-a --reason 'upgrade of its nodes'")
  private static final class Disable extends Switch {
    Disable(Terminal terminal) {
      super(terminal, true);
    }
  }

  /** Lets one take builds again. */
  @Command(
      name = "enable",
      mixinStandardHelpOptions = true,
      description = "Lets an executor take builds again; those that wait for it start at once.",
      footerHeading = "%nExamples:%n",
      footer = "  buildman executor enable cluster-a")
  private static final class Enable extends Switch {
    Enable(Terminal terminal) {
      super(terminal, false);
    }
  }
}
