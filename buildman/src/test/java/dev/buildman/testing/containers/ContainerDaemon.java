package dev.buildman.testing.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.testing.tools.SkippedTests;
import java.io.File;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * A daemon of the machine's Docker or Podman, with storage and a socket of its own in a folder. One
 * that runs already is left alone.
 */
public final class ContainerDaemon implements AutoCloseable {
  private final Path folder;
  private final Map<String, String> environment;
  private final List<String> command;
  private Process process;

  private ContainerDaemon(Path folder, Map<String, String> environment, List<String> command)
      throws IOException {
    this.folder = folder;
    this.environment = environment;
    this.command = command;
    this.process = launch();
  }

  /**
   * Starts Docker's, without networks; skips the test where this user may not.
   *
   * @param more arguments of dockerd
   */
  public static ContainerDaemon docker(Path folder, String... more) throws IOException {
    needsRoot();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "dockerd",
                "--storage-driver=vfs",
                "--bridge=none",
                "--iptables=false",
                "--host=unix://" + folder.resolve("socket"),
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + folder.resolve("exec"),
                "--pidfile=" + folder.resolve("pid")));
    arguments.addAll(Arrays.asList(more));
    return new ContainerDaemon(folder, Map.of(), arguments);
  }

  /** Starts Podman's. */
  public static ContainerDaemon podman(Path folder) throws IOException {
    needsRoot();
    // Its own default limits are more than a container of a test run may give.
    Path limits =
        Files.writeString(
            folder.resolve("containers.conf"),
            "[containers]\ndefault_ulimits = [\"nofile=1024:1024\", \"nproc=4096:4096\"]\n");
    return new ContainerDaemon(
        folder,
        Map.of("CONTAINERS_CONF", limits.toString()),
        List.of(
            "podman",
            // Works with both kinds of cgroups, which crun's packages do not everywhere.
            "--runtime=runc",
            "--cgroup-manager=cgroupfs",
            "--storage-driver=vfs",
            "--events-backend=file",
            "--root=" + folder.resolve("data"),
            "--runroot=" + folder.resolve("run"),
            "--tmpdir=" + folder.resolve("tmp"),
            "system",
            "service",
            "--time=0",
            "unix://" + folder.resolve("socket")));
  }

  private static void needsRoot() throws IOException {
    if (!Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))) {
      assertThat(SkippedTests.areForbidden()).as("not root, and skips are forbidden").isFalse();
      Assumptions.abort("a daemon of the test's own needs root");
    }
  }

  private Process launch() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(folder.resolve("daemon.log").toFile()))
            .redirectInput(new File("/dev/null"));
    builder.environment().putAll(environment);
    Process started = builder.start();
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              if (!started.isAlive()) {
                throw new IOException("the daemon ended: " + lastWords());
              }
              return listens();
            });
    return started;
  }

  private boolean listens() {
    try (SocketChannel channel =
        SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("socket")))) {
      return channel.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("daemon.log"), StandardCharsets.UTF_8);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
  }

  /** The value of {@code DOCKER_HOST} that leads here. */
  public String host() {
    return "unix://" + folder.resolve("socket");
  }

  /** Runs Docker's own program against this daemon, which must succeed; what it printed. */
  public String client(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of("docker", "-H", host()));
    line.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("DOCKER_BUILDKIT", "0");
    builder.environment().put("DOCKER_CONFIG", folder.toString());
    Process run = builder.start();
    String text = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(run.waitFor()).as("%s%n%s", line, text).isZero();
    return text.strip();
  }

  /** Kills it as the machine's own end would; its containers go on. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Starts it again after {@link #kill}. */
  public void restart() throws IOException {
    // Both are dead; what nobody has reaped yet counts as alive where these files name it.
    Files.deleteIfExists(folder.resolve("pid"));
    Files.deleteIfExists(folder.resolve("exec/containerd/containerd.pid"));
    process = launch();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    // What a killed one leaves names its folder: containers below their shims, and mounts.
    ProcessHandle.allProcesses()
        .filter(other -> other.info().commandLine().orElse("").contains(folder + "/"))
        .flatMap(other -> Stream.concat(other.descendants(), Stream.of(other)))
        .toList()
        .forEach(ProcessHandle::destroyForcibly);
    for (String line : Files.readAllLines(Path.of("/proc/self/mounts")).reversed()) {
      String[] fields = line.split(" ", -1);
      if (fields[1].startsWith(folder + "/")) {
        new ProcessBuilder("umount", "--lazy", fields[1]).start().waitFor();
      }
    }
    // Images hold links of every kind, which the folder's own clean-up would warn of.
    new ProcessBuilder("rm", "-rf", folder.resolve("data").toString()).start().waitFor();
  }
}
