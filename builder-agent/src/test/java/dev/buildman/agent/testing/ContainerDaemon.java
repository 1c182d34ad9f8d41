package dev.buildman.agent.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
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
  private final List<String> command;
  private final Map<String, String> environment;
  private final Process process;

  private ContainerDaemon(Path folder, List<String> command, Map<String, String> environment)
      throws IOException {
    this.folder = folder;
    this.command = command;
    this.environment = environment;
    this.process = launch();
  }

  /**
   * Starts Docker's; skips the test where this user may not.
   *
   * @param more arguments of dockerd
   */
  public static ContainerDaemon docker(Path folder, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--bridge=none", "--iptables=false"));
    arguments.addAll(Arrays.asList(more));
    return docker(folder, arguments);
  }

  /** Starts Docker's with the network that its BuildKit demands. */
  public static ContainerDaemon dockerWithNetwork(Path folder) throws IOException {
    return docker(folder, List.of());
  }

  private static ContainerDaemon docker(Path folder, List<String> more) throws IOException {
    needsRoot();
    List<String> command =
        new ArrayList<>(
            List.of(
                Program.DOCKERD.path().toString(),
                "--storage-driver=vfs",
                "--host=unix://" + folder.resolve("socket"),
                "--data-root=" + folder.resolve("data"),
                "--exec-root=" + folder.resolve("exec"),
                "--pidfile=" + folder.resolve("pid")));
    command.addAll(more);
    return new ContainerDaemon(folder, command, Map.of());
  }

  /**
   * Starts Podman's.
   *
   * @param insecure registries that it speaks plain http to
   */
  public static ContainerDaemon podman(Path folder, List<String> insecure) throws IOException {
    needsRoot();
    StringBuilder registries =
        new StringBuilder("unqualified-search-registries = [\"docker.io\"]\n");
    insecure.forEach(
        host -> registries.append("[[registry]]\nlocation = \"" + host + "\"\ninsecure = true\n"));
    Path file = Files.writeString(folder.resolve("registries.conf"), registries);
    List<String> command =
        List.of(
            Program.PODMAN.path().toString(),
            // Works with both kinds of cgroups, which crun's packages do not everywhere.
            "--runtime=runc",
            "--cgroup-manager=cgroupfs",
            "--storage-driver=vfs",
            "--events-backend=none",
            "--root=" + folder.resolve("data"),
            "--runroot=" + folder.resolve("run"),
            "--tmpdir=" + folder.resolve("tmp"),
            "system",
            "service",
            "--time=0",
            "unix://" + folder.resolve("socket"));
    return new ContainerDaemon(
        folder, command, Map.of("CONTAINERS_REGISTRIES_CONF", file.toString()));
  }

  private static void needsRoot() throws IOException {
    boolean root = Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    if (!root) {
      assertThat(System.getProperty("buildman.skips")).as("not root").isNotEqualTo("forbidden");
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
        .atMost(Duration.ofSeconds(40))
        .pollInterval(Duration.ofMillis(50))
        .until(
            () -> {
              if (!started.isAlive()) {
                throw new IOException("the daemon ended: " + log());
              }
              return answers();
            });
    return started;
  }

  private boolean answers() throws IOException, InterruptedException {
    return Files.exists(folder.resolve("socket")) && client("version").exit() == 0;
  }

  /** The daemon's last words. */
  private String log() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("daemon.log"), StandardCharsets.UTF_8);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 10), lines.size()));
  }

  /** The value of {@code DOCKER_HOST} that leads here. */
  public String host() {
    return "unix://" + folder.resolve("socket");
  }

  /** What a command of Docker's own program printed. */
  public record Answer(int exit, String text) {}

  /** Runs Docker's own program against this daemon. */
  public Answer client(String... arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>(List.of(Program.DOCKER.path().toString(), "-H", host()));
    line.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().put("DOCKER_BUILDKIT", "0");
    builder.environment().put("DOCKER_CONFIG", folder.toString());
    Process run = builder.start();
    String text = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Answer(run.waitFor(), text);
  }

  /** Kills it as the machine's own end would. */
  public void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
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
