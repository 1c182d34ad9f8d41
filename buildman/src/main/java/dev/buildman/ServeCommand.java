package dev.buildman;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Runs a manager. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a manager by a configuration file, until SIGTERM or Ctrl-C.",
      "Then it claims no more builds, keeps its agents for DRAIN_TIMEOUT, and ends; workers go on"
          + " and are taken over by other managers, or by the next start. Ends with 0 after a stop,"
          + " 69 when it cannot run here, 78 for a bad configuration."
    })
final class ServeCommand implements Callable<Integer> {

  @Parameters(paramLabel = "FILE", description = "The configuration, for instance config.yaml.")
  private Path file;

  private final Serve serve;

  ServeCommand(Serve serve) {
    this.serve = serve;
  }

  @Override
  public Integer call() {
    return Stop.during(stop -> serve.run(file, stop));
  }
}
