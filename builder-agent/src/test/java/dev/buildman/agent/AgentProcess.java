package dev.buildman.agent;

import dev.buildman.agent.link.TestManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A real agent: the launcher of the distribution, as a worker has it. A run without distributions
 * ({@code -Dquick}) starts the same program from its classes.
 */
final class AgentProcess implements AutoCloseable {
  private static final Path LAUNCHER = Path.of("../target/dist/builder-agent/bin/builder-agent");

  private final Process process;
  private final Path stderr;

  private AgentProcess(Process process, Path stderr) {
    this.process = process;
    this.stderr = stderr;
  }

  /** Starts one with nothing in its environment but this. */
  static AgentProcess start(Path folder, Map<String, String> variables, String... arguments)
      throws IOException {
    return startIn(folder, List.of(), variables, arguments);
  }

  /** The same, of the distribution in any case: for figures. */
  static AgentProcess startDistribution(Path folder, Map<String, String> variables)
      throws IOException {
    return start(folder, List.of(LAUNCHER.toAbsolutePath().toString()), variables);
  }

  /**
   * The same behind another program.
   *
   * @param wrapper runs what stands after it
   */
  static AgentProcess startIn(
      Path folder, List<String> wrapper, Map<String, String> variables, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(program(variables.getOrDefault("TMPDIR", "/tmp")));
    command.addAll(List.of(arguments));
    return start(folder, command, variables);
  }

  private static AgentProcess start(
      Path folder, List<String> command, Map<String, String> variables) throws IOException {
    Path stderr = folder.resolve("stderr");
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(stderr.toFile());
    builder.redirectOutput(folder.resolve("stdout").toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().put("BUILDMAN_JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(variables);
    return new AgentProcess(builder.start(), stderr);
  }

  private static List<String> program(String work) {
    if (Boolean.getBoolean("buildman.distribution")) {
      return List.of(LAUNCHER.toAbsolutePath().toString());
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-Djava.io.tmpdir=" + work,
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        // As in the distribution, where the quiet configuration of tests is not in the way.
        "-Dorg.slf4j.simpleLogger.log.dev.buildman=info",
        "-cp",
        System.getProperty("java.class.path"),
        "dev.buildman.agent.BuilderAgent");
  }

  /** What an executor gives its workers. */
  static Map<String, String> environment(TestManager manager, Path token, Path work) {
    return Map.of(
        "SERVER", manager.address().toString(),
        "INSECURE", "true",
        "TOKEN_FILE", token.toString(),
        "CONTAINER_RUNTIME", "embedded",
        "TMPDIR", work.toString());
  }

  /** Its exit status, as soon as it has one. */
  int exitStatus(Duration patience) throws InterruptedException, TimeoutException, IOException {
    if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new TimeoutException("the agent runs on; it said:\n" + stderr());
    }
    return process.exitValue();
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  ProcessHandle handle() {
    return process.toHandle();
  }

  String stderr() throws IOException {
    return Files.readString(stderr);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(5, TimeUnit.SECONDS);
  }
}
