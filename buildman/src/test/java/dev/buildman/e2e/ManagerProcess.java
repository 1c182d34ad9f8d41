package dev.buildman.e2e;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.Endpoint;
import dev.buildman.model.Secret;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** One manager as an operator runs it: the distribution's program with a configuration file. */
final class ManagerProcess implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final Path config;
  private final Path log;
  private final Ports ports;
  private final List<String> options;
  private Process process;

  /**
   * The ports that its configuration names, and one for a debugger.
   *
   * @param debug listened on only with {@link #DEBUGGED}
   */
  record Ports(int agents, int sources, int clients, int metrics, int debug) {}

  /** Among the options of its JVM: a debugger may attach. */
  static final String DEBUGGED = "debugged";

  /** Threads that a debugger holds keep their carriers: there must be others. */
  private static final String FOR_A_DEBUGGER =
      " -Djdk.virtualThreadScheduler.parallelism=16"
          + " -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,quiet=y,address=127.0.0.1:";

  private ManagerProcess(Path config, Path log, Ports ports, List<String> options) {
    this.config = config;
    this.log = log;
    this.ports = ports;
    this.options = options;
  }

  /** Starts it; {@link #awaitReady} tells when it serves. */
  static ManagerProcess start(Path config, Path log, Ports ports, List<String> options)
      throws IOException {
    ManagerProcess manager = new ManagerProcess(config, log, ports, options);
    manager.start();
    return manager;
  }

  /** Starts it again, after its end. */
  void start() throws IOException {
    Path program = Path.of("..", "target", "dist", "buildman", "bin", "buildman");
    if (!Files.isExecutable(program)) {
      throw new IOException(
          program.toAbsolutePath().normalize()
              + " is not there: these tests run the distributions, which `mvn verify` makes");
    }
    ProcessBuilder builder =
        new ProcessBuilder(program.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder
        .environment()
        .put(
            "BUILDMAN_JAVA_OPTS",
            "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
                + options.stream().map(this::option).collect(Collectors.joining()));
    process = builder.start();
  }

  private String option(String option) {
    return option.equals(DEBUGGED) ? FOR_A_DEBUGGER + ports.debug() : " " + option;
  }

  /** Attaches to it; it must have been started to be {@link #DEBUGGED}. */
  Debugger debugger() throws IOException {
    return Debugger.attach(ports.debug());
  }

  void awaitReady() throws IOException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest ready =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.metrics() + "/readyz"))
              .timeout(Duration.ofSeconds(2))
              .build();
      Awaitility.await("the manager is ready; its log is " + log)
          .atMost(START_LIMIT)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> answers200(http, ready));
    }
  }

  /** Whether it says that it is ready. */
  boolean isReady() throws InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest ready =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.metrics() + "/readyz"))
              .timeout(Duration.ofSeconds(2))
              .build();
      return http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private boolean answers200(HttpClient http, HttpRequest request) throws InterruptedException {
    if (!process.isAlive()) {
      throw new IllegalStateException(
          "the manager ended with " + process.exitValue() + ": " + log());
    }
    try {
      return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  BuildsClient client() throws IOException {
    return client(Secret.NONE);
  }

  /** One that shows an API token. */
  BuildsClient client(Secret token) throws IOException {
    return BuildsClient.open(
        new Endpoint("127.0.0.1", ports.clients(), false, Optional.empty(), token));
  }

  /** Its metrics as Prometheus reads them. */
  String metrics() throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + ports.metrics() + "/metrics");
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  Ports ports() {
    return ports;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** As {@code kill -9}. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor();
  }

  /** Asks it to end, as a service manager does. */
  void terminate() {
    process.destroy();
  }

  /** Its exit status, once it has ended. */
  int awaitEnd(Duration limit) throws InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("the manager did not end: " + log());
    }
    return process.exitValue();
  }

  void pause() throws IOException, InterruptedException {
    Signals.send("STOP", process.pid());
  }

  void resume() throws IOException, InterruptedException {
    Signals.send("CONT", process.pid());
  }

  /** All that it has printed. */
  String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
