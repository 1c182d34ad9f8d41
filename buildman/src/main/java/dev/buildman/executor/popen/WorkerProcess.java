package dev.buildman.executor.popen;

import dev.buildman.executor.WorkerRequest;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Starts the process of one worker: a small shell in a session of its own, and under it the agent.
 */
final class WorkerProcess {
  static final String SCRIPT = readScript();

  // All that a worker inherits from the manager, whose environment may hold secrets.
  private static final Set<String> INHERITED =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "LANG",
          "LC_ALL",
          "TZ",
          "XDG_RUNTIME_DIR",
          "JAVA_HOME",
          "BUILDKIT_HOST",
          "DOCKER_HOST",
          "DOCKER_CERT_PATH",
          "DOCKER_TLS_VERIFY");

  private WorkerProcess() {}

  /**
   * Starts it.
   *
   * @throws IOException when surely nothing was started
   */
  static Process start(PopenSettings settings, WorkerRequest request, WorkerFolder folder)
      throws IOException {
    boolean inEnvironment = settings.common().tokenInEnv();
    ProcessBuilder builder =
        new ProcessBuilder(
            "setsid",
            "sh",
            folder.script().toString(),
            folder.path().toString(),
            settings.binary().toAbsolutePath().toString(),
            inEnvironment ? "env" : "file");
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(INHERITED);
    environment.putAll(request.environment());
    environment.putAll(settings.common().environment());
    environment.put("EXECUTOR", "popen");
    environment.put("TMPDIR", folder.work().toString());
    environment.put(WorkerProcesses.COOKIE, request.name().value());
    environment.put(Workers.EXECUTOR, settings.common().name().value());
    environment.put(Workers.STATE, request.installation().state());
    if (!inEnvironment) {
      environment.put("TOKEN_FILE", folder.token().toString());
    }
    return builder
        .directory(folder.work().toFile())
        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static String readScript() {
    try (InputStream script = WorkerProcess.class.getResourceAsStream("worker.sh")) {
      return new String(
          Objects.requireNonNull(script, "worker.sh").readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
