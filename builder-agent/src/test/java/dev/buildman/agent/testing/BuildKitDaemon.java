package dev.buildman.agent.testing;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * A BuildKit daemon of its own. Debian 12 has neither it nor buildx, so a test that starts one is
 * left out where they are missing, also where skips are forbidden.
 */
public final class BuildKitDaemon implements AutoCloseable {
  private final Process process;
  private final Path socket;

  private BuildKitDaemon(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  /** Starts one; leaves the test out where it or buildx is missing. */
  public static BuildKitDaemon start(Path home) throws IOException {
    if (Program.BUILDX.find().isEmpty() || Program.BUILDKITD.find().isEmpty()) {
      String why =
          "needs docker-buildx and buildkitd: Docker's docker-buildx-plugin or Debian 13's"
              + " docker-buildx, and BuildKit's own releases (-Dbuildman.test.path names a folder)";
      SkippedTests.add("tests of a BuildKit", why);
      Assumptions.abort(why);
    }
    Path config = home.resolve("buildkitd.toml");
    Files.writeString(
        config,
        """
        [worker.oci]
          snapshotter = "native"
          networkMode = "host"
          binary = "runc"
        [worker.containerd]
          enabled = false
        """);
    Path socket = home.resolve("socket");
    Process process =
        new ProcessBuilder(
                Program.BUILDKITD.path().toString(),
                "--config=" + config,
                "--root=" + home.resolve("root"),
                "--addr=unix://" + socket)
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile())
            .redirectInput(new File("/dev/null"))
            .start();
    await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(socket));
    return new BuildKitDaemon(process, socket);
  }

  /** The value of {@code BUILDKIT_HOST} that leads here. */
  public String host() {
    return "unix://" + socket;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    Path root = socket.resolveSibling("root");
    new ProcessBuilder("rm", "-rf", root.toString()).start().waitFor();
  }
}
