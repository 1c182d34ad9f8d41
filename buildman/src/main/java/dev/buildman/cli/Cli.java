package dev.buildman.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The root of the command tree: its help, its exit codes, and how failures are told. */
@Command(
    name = "buildman",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Builds container images on disposable workers and pushes them to a registry.",
      ""
    },
    commandListHeading = "Commands:%n",
    footerHeading = "%nExamples:%n",
    footer = {
      "  buildman standalone                        # a manager on this machine, with its own"
          + " registry",
      "  buildman build -t acme/app .               # send this folder, follow the build",
      "  buildman build -t acme/app:v1 https://github.com/acme/app.git#v1",
      "  id=$(buildman build -d -t acme/app .)      # do not wait: print the build's id",
      "  buildman logs -f $id                       # follow it later",
      "  buildman ps --json | jq -r .id             # every command speaks JSON",
      "",
      "Environment:",
      "  BUILDMAN_SERVER      manager to talk to, host[:port] or https://host[:port]",
      "  BUILDMAN_API_TOKEN   its API token, where it has one",
      "  BUILDMAN_CA_CERT     certificates to trust for https, a PEM file",
      "",
      "Exit status:",
      "  0  done; a followed build is complete",
      "  1  a followed build failed",
      "  2  the command or the request is wrong",
      "  3  a followed build was cancelled",
      "  4  no manager could be reached",
      "  5  the manager refused: no such build, queue full, already ended, wrong token",
      "",
      "'buildman COMMAND --help' says more about each, with examples."
    })
public final class Cli implements Callable<Integer> {

  @Spec private CommandSpec spec;

  private Cli() {}

  /**
   * The whole tree.
   *
   * @param more commands that run a manager, each a picocli command; they come first in the help
   */
  public static CommandLine commandLine(Terminal terminal, Object... more) {
    CommandLine root = new CommandLine(new Cli());
    for (Object command : more) {
      root.addSubcommand(command);
    }
    root.addSubcommand(new BuildCommand(terminal))
        .addSubcommand(new PsCommand(terminal))
        .addSubcommand(new ShowCommand(terminal))
        .addSubcommand(new LogsCommand(terminal))
        .addSubcommand(new CancelCommand(terminal))
        .addSubcommand(new RetryCommand(terminal))
        .addSubcommand(new StatusCommand(terminal))
        .addSubcommand(new WorkersCommand(terminal))
        .addSubcommand(new DutiesCommand(terminal))
        .addSubcommand(ExecutorCommand.commandLine(terminal));
    Failures failures = new Failures(terminal);
    return root.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8))
        .setColorScheme(CommandLine.Help.defaultColorScheme(ansi(terminal)))
        .setUsageHelpWidth(100)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setAbbreviatedOptionsAllowed(false)
        .setParameterExceptionHandler(failures)
        .setExecutionExceptionHandler(failures);
  }

  private static CommandLine.Help.Ansi ansi(Terminal terminal) {
    boolean plain = !terminal.live() || terminal.variable("NO_COLOR").isPresent();
    return plain ? CommandLine.Help.Ansi.OFF : CommandLine.Help.Ansi.ON;
  }

  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getErr());
    return ExitCode.USAGE;
  }
}
