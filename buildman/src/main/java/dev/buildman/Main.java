package dev.buildman;

import dev.buildman.cli.Cli;
import dev.buildman.cli.ConfigCheckCommand;
import dev.buildman.cli.ConfigCommand;
import dev.buildman.cli.Terminal;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;

/** Where the program begins. */
public final class Main {

  private Main() {}

  /** Runs the command line and ends the process with its status. */
  public static void main(String[] arguments) {
    // gRPC logs by java.util.logging, which would write past the configured log.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    Map<String, String> environment = System.getenv();
    Places places = places(environment);
    Serve serve = new Serve(environment, places);
    CommandLine config =
        new CommandLine(new ConfigCommand()).addSubcommand(new ConfigCheckCommand(serve::read));
    StandaloneCommand standalone =
        new StandaloneCommand(serve, places, environment.getOrDefault("PATH", ""));
    Terminal terminal = Terminal.system();
    CommandLine all =
        Cli.commandLine(
            terminal,
            standalone,
            new DemoCommand(serve, terminal),
            new ServeCommand(serve),
            config);
    System.exit(all.execute(arguments));
  }

  /** The agent lies beside the manager, as both are unpacked. */
  private static Places places(Map<String, String> environment) {
    Path home = Path.of(environment.getOrDefault("BUILDMAN_HOME", "."));
    Path agent = home.toAbsolutePath().resolveSibling("builder-agent").resolve("bin/builder-agent");
    Path data =
        Optional.ofNullable(environment.get("XDG_DATA_HOME"))
            .filter(text -> !text.isEmpty())
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".local", "share"));
    return new Places(agent.normalize(), data);
  }
}
