package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.process.Capture;
import dev.buildman.agent.process.Command;
import dev.buildman.agent.process.Exit;
import dev.buildman.agent.process.OutputSink;
import dev.buildman.agent.process.Processes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Runs buildx with a configuration of its own: no builder, credential or setting of the machine's
 * user is read, and nothing is left in the user's home.
 */
final class Buildx {
  /** The builder that leads to {@code BUILDKIT_HOST}. */
  private static final String REMOTE = "buildman";

  private static final Duration QUICK = Duration.ofSeconds(40);
  private static final Set<String> HANDED_ON =
      Set.of(
          "DOCKER_HOST",
          "DOCKER_CERT_PATH",
          "DOCKER_TLS_VERIFY",
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE");

  private final Processes processes;
  private final BuildxSettings settings;
  private final Path program;
  private final Path folder;

  /**
   * @param folder an existing one for configuration and temporary files
   */
  Buildx(Processes processes, BuildxSettings settings, Path program, Path folder) {
    this.processes = processes;
    this.settings = settings;
    this.program = program;
    this.folder = folder;
  }

  /** Where {@code config.json} is looked for; made when first asked for, for this user alone. */
  Path config() throws IOException {
    Path config = folder.resolve("config");
    if (!Files.isDirectory(config)) {
      Files.createDirectory(
          config,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    return config;
  }

  /** Whether a BuildKit daemon was named, so that Docker's own is not used. */
  boolean isRemote() {
    return !settings.buildkitHost().isEmpty();
  }

  /**
   * Makes the builder known to buildx; nothing for Docker's own, which it always knows.
   *
   * @return empty, or what buildx says instead
   */
  String prepare() throws IOException, InterruptedException {
    if (!isRemote()) {
      return "";
    }
    List<String> command =
        new ArrayList<>(List.of("create", "--name", REMOTE, "--driver", "remote"));
    String keys = settings.variables().getOrDefault("DOCKER_CERT_PATH", "");
    if (settings.buildkitHost().startsWith("tcp:") && !keys.isEmpty()) {
      command.add("--driver-opt");
      command.add("cacert=%1$s/ca.pem,cert=%1$s/cert.pem,key=%1$s/key.pem".formatted(keys));
    }
    command.add(settings.buildkitHost());
    Capture capture = new Capture(4000);
    Exit exit = run(command, Map.of(), QUICK, capture);
    return exit.ok() ? "" : words(capture, exit);
  }

  /** What the builder is and can do, as buildx prints it; its error where it is not there. */
  record Inspection(boolean ok, String text) {}

  Inspection inspect() throws IOException, InterruptedException {
    Capture capture = new Capture(32 << 10);
    Exit exit = run(List.of("inspect", builder()), Map.of(), QUICK, capture);
    return exit.ok()
        ? new Inspection(true, capture.stdout())
        : new Inspection(false, words(capture, exit));
  }

  /** The program's version line. */
  String version() throws IOException, InterruptedException {
    Capture capture = new Capture(1000);
    run(List.of("version"), Map.of(), QUICK, capture);
    return capture.stdout().strip();
  }

  /** The name of the builder. */
  String builder() {
    return isRemote() ? REMOTE : "default";
  }

  /**
   * Builds.
   *
   * @param arguments after {@code buildx build}
   * @param variables build arguments that are handed over by name
   */
  Exit build(List<String> arguments, Map<String, String> variables, OutputSink sink)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("build", "--builder", builder()));
    command.addAll(arguments);
    return run(command, variables, settings.timeLimit(), sink);
  }

  private Exit run(
      List<String> arguments, Map<String, String> more, Duration limit, OutputSink sink)
      throws IOException, InterruptedException {
    List<String> argv = new ArrayList<>(List.of(program.toString()));
    argv.addAll(arguments);
    Map<String, String> environment = new HashMap<>(more);
    environment.putAll(own());
    return processes.run(new Command(argv, environment, folder, limit), sink);
  }

  /** The variables that no build argument may take the place of. */
  Map<String, String> own() throws IOException {
    Map<String, String> own = new HashMap<>(settings.variables());
    own.keySet().retainAll(HANDED_ON);
    own.put("HOME", folder.toString());
    own.put("TMPDIR", folder.toString());
    own.put("DOCKER_CONFIG", config().toString());
    own.put("BUILDX_CONFIG", config().resolve("buildx").toString());
    // Else it asks git about the context, which is not to be trusted with git's own settings.
    own.put("BUILDX_GIT_INFO", "0");
    own.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    own.put("LC_ALL", "C.UTF-8");
    return own;
  }

  private static String words(Capture capture, Exit exit) {
    List<String> lines = capture.stderr().lines().filter(line -> !line.isBlank()).toList();
    return lines.isEmpty() ? exit.describe() : lines.getLast().replaceFirst("^ERROR: ", "");
  }
}
