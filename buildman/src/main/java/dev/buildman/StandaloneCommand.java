package dev.buildman;

import dev.buildman.standalone.StandaloneConfig.PortSet;
import dev.buildman.standalone.StandaloneRefused;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs everything on one machine. */
@Command(
    name = "standalone",
    mixinStandardHelpOptions = true,
    description = {
      "Runs a manager with its own Redis and registry on this machine, until Ctrl-C.",
      "Everything listens on loopback, and builds run as this user: for trusted builds only."
          + " Builds, images and passwords stay in the data folder; the next start goes on with"
          + " them, also after a crash."
    })
final class StandaloneCommand implements Callable<Integer> {

  private static final Logger log = LoggerFactory.getLogger(StandaloneCommand.class);

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of everything that stays. Default: ~/.local/share/buildman")
  private @Nullable Path data;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "2",
      description = "Builds at once. Default: ${DEFAULT-VALUE}")
  private int workers;

  @Spec private CommandSpec spec;

  private final Serve serve;
  private final Places places;
  private final String searchPath;

  StandaloneCommand(Serve serve, Places places, String searchPath) {
    this.serve = serve;
    this.places = places;
    this.searchPath = searchPath;
  }

  @Override
  public Integer call() {
    return Stop.during(this::run);
  }

  private int run(Stop stop) {
    Path folder = data == null ? places.userData().resolve("buildman") : data.toAbsolutePath();
    try (Standalone standalone =
        Standalone.open(new Standalone.Options(folder, workers, searchPath))) {
      return serve.run(standalone.config(), stop, () -> welcome(standalone.ports()));
    } catch (InterruptedException e) {
      return Serve.DONE;
    } catch (StandaloneRefused | IOException | UncheckedIOException e) {
      log.error("not started: {}", e.getMessage());
      return Serve.UNAVAILABLE;
    }
  }

  private void welcome(PortSet ports) {
    PrintWriter out = spec.commandLine().getOut();
    String server = ports.clients() == 55_051 ? "" : " -s 127.0.0.1:" + ports.clients();
    out.printf(
        """

        buildman is ready. In another terminal:
          buildman build%s -t me/app .     build this folder's Dockerfile
          buildman ps%s                    see all builds
        Images are pushed to 127.0.0.1:%d; metrics are at http://127.0.0.1:%d/metrics

        """,
        server, server, ports.registry(), ports.metrics());
    out.flush();
  }
}
