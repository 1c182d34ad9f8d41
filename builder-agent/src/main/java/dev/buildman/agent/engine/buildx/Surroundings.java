package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.docker.Daemon;
import dev.buildman.agent.engine.docker.DaemonAddress;
import dev.buildman.agent.engine.docker.DaemonException;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether buildx and a BuildKit are here, and if not, what is missing. */
final class Surroundings {
  private static final Pattern VERSION = Pattern.compile(" v?(\\d+)\\.(\\d+)\\.");
  private static final int OLDEST = 13; // of 0.x: the first that tells its progress as JSON

  private final Processes processes;
  private final BuildxSettings settings;

  Surroundings(Processes processes, BuildxSettings settings) {
    this.processes = processes;
    this.settings = settings;
  }

  EngineCheck check() throws InterruptedException {
    Optional<Path> program = Plugin.find(settings.variables(), processes);
    if (program.isEmpty()) {
      return EngineCheck.unable(
          "buildx is not installed",
          "install the package docker-buildx (Debian 13) or docker-buildx-plugin (Docker's own)");
    }
    try {
      Path folder = Files.createTempDirectory("buildx-check");
      try {
        return check(new Buildx(processes, settings, program.get(), folder));
      } finally {
        Folders.delete(folder);
      }
    } catch (IOException e) {
      return EngineCheck.unable("buildx cannot be tried out: " + e.getMessage(), "");
    }
  }

  private EngineCheck check(Buildx buildx) throws IOException, InterruptedException {
    String version = buildx.version();
    Matcher number = VERSION.matcher(version);
    // One that was built without a number says 0.0.0.
    if (number.find() && number.group(1).equals("0") && isOld(number.group(2))) {
      return EngineCheck.unable(
          "buildx 0." + OLDEST + " or later is needed, this is: " + version,
          "install a newer buildx");
    }
    Optional<EngineCheck> daemon = buildx.isRemote() ? Optional.empty() : daemon();
    if (daemon.isPresent()) {
      return daemon.get();
    }
    String problem = buildx.prepare();
    if (problem.isEmpty()) {
      Buildx.Inspection found = buildx.inspect();
      problem = problem(found);
    }
    return problem.isEmpty()
        ? EngineCheck.able()
        : EngineCheck.unable(
            "no BuildKit answers: " + problem,
            buildx.isRemote()
                ? "start the daemon, or give another BUILDKIT_HOST"
                : "start the daemon, or give another DOCKER_HOST or a BUILDKIT_HOST");
  }

  private static boolean isOld(String minor) {
    int number = Integer.parseInt(minor);
    return number > 0 && number < OLDEST;
  }

  /** buildx reports a daemon that is away inside of a report that is well. */
  private static String problem(Buildx.Inspection found) {
    if (!found.ok()) {
      return found.text();
    }
    return found
        .text()
        .lines()
        .filter(line -> line.startsWith("Error:"))
        .findFirst()
        .map(line -> line.substring("Error:".length()).strip())
        .orElse("");
  }

  private Optional<EngineCheck> daemon() throws InterruptedException {
    try (Daemon daemon = Daemon.at(DaemonAddress.docker(settings.variables()))) {
      return Daemon.isPodmans(daemon.version())
          ? Optional.of(
              EngineCheck.unable(
                  "Podman's service has no BuildKit", "give a BUILDKIT_HOST or Docker's daemon"))
          : Optional.empty();
    } catch (DaemonException | IllegalArgumentException e) {
      return Optional.of(
          EngineCheck.unable(
              String.valueOf(e.getMessage()), "start the daemon, or give a BUILDKIT_HOST"));
    }
  }
}
