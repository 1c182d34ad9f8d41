package dev.buildman;

import dev.buildman.cli.Terminal;
import dev.buildman.client.BuildsClient;
import dev.buildman.client.CallFailed;
import dev.buildman.client.Endpoint;
import dev.buildman.config.ConfigResult;
import dev.buildman.demo.Demo;
import dev.buildman.demo.DemoFailed;
import dev.buildman.model.Secret;
import dev.buildman.runtime.FolderRemover;
import dev.buildman.standalone.RedisProgram;
import dev.buildman.standalone.StandaloneConfig.PortSet;
import dev.buildman.standalone.StandaloneRefused;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the main job. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Shows real builds from enqueue to pushed image on this machine: a standalone of its own,"
          + " three builds for two workers, one agent killed with -9. Stays up on a terminal, until"
          + " Ctrl-C; elsewhere it ends by itself, with 0 when everything was as it has to be.",
      "All that it makes lies in a temporary folder and goes with it."
    })
final class DemoCommand implements Callable<Integer> {

  private static final int FAILED = 1;
  private static final int WORKERS = 2;

  @Option(names = "--keep", description = "Stay up until Ctrl-C, also without a terminal.")
  private boolean keep;

  private final Serve serve;
  private final Terminal terminal;

  DemoCommand(Serve serve, Terminal terminal) {
    this.serve = serve;
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    return Stop.during(this::run);
  }

  private int run(Stop stop) {
    try {
      Path folder = Files.createTempDirectory("buildman-demo-");
      try {
        return show(folder, stop);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      terminal.complain("the demo cannot run here: " + e.getMessage());
      return Serve.UNAVAILABLE;
    }
  }

  private int show(Path folder, Stop stop) {
    LogFile.redirect(folder.resolve("manager.log"));
    try {
      showAll(folder, stop);
      return Serve.DONE;
    } catch (InterruptedException e) {
      return Serve.DONE;
    } catch (DemoFailed | CallFailed e) {
      terminal.complain("the demo failed: " + e.getMessage());
      lastWords(folder);
      return FAILED;
    } catch (StandaloneRefused | StartRefused | IOException | UncheckedIOException e) {
      terminal.complain("the demo cannot run here: " + e.getMessage());
      return Serve.UNAVAILABLE;
    }
  }

  private void showAll(Path folder, Stop stop) throws IOException, InterruptedException {
    String path = terminal.variable("PATH").orElse("");
    Path data = folder.resolve("data");
    try (Standalone standalone = Standalone.open(new Standalone.Options(data, WORKERS, path));
        Buildman buildman = Buildman.start(settings(standalone));
        BuildsClient client = BuildsClient.open(endpoint(standalone.ports()))) {
      Demo demo =
          new Demo(client, "127.0.0.1:" + standalone.ports().registry(), terminal, examples());
      demo.run(RedisProgram.embedded(data).executable(), folder, onPath("buildah", path));
      if (keep || terminal.live()) {
        demo.invite(standalone.ports().clients());
        stop.await();
      }
      buildman.drain();
    }
  }

  private Settings settings(Standalone standalone) {
    return switch (serve.read(standalone.config())) {
      case ConfigResult.Valid<Settings> valid -> valid.value();
      case ConfigResult.Invalid<Settings> invalid ->
          throw new DemoFailed("the standalone's own configuration: " + invalid.problems());
    };
  }

  private static Endpoint endpoint(PortSet ports) {
    return new Endpoint("127.0.0.1", ports.clients(), false, Optional.empty(), Secret.NONE);
  }

  private Path examples() {
    return Path.of(terminal.variable("BUILDMAN_HOME").orElse("."), "examples");
  }

  private static boolean onPath(String program, String path) {
    return Stream.of(path.split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  private void lastWords(Path folder) {
    try {
      List<String> lines = Files.readAllLines(folder.resolve("manager.log"));
      terminal.err().println("The manager's last words:");
      lines.subList(Math.max(0, lines.size() - 20), lines.size()).forEach(terminal.err()::println);
    } catch (IOException e) {
      terminal.complain("the manager left no log: " + e.getMessage());
    }
  }

  private void delete(Path folder) {
    if (!FolderRemover.remove(folder)) {
      terminal.complain("the folder " + folder + " could not be removed whole");
    }
  }
}
