package dev.buildman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.client.BuildsClient;
import dev.buildman.client.Endpoint;
import dev.buildman.model.Secret;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CancelBuildRequest;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Phase;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole of standalone as a process, with a worker that does nothing. */
final class StandaloneIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void agent() throws IOException {
    Path program = folder.resolve("builder-agent/bin/builder-agent");
    Files.createDirectories(program.getParent());
    Files.writeString(program, "#!/bin/sh\nexec sleep 600\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @AfterEach
  void endAll() throws IOException, InterruptedException {
    for (Process process : started) {
      process.destroyForcibly();
      process.waitFor();
    }
    ProcessHandle.allProcesses().filter(this::isOfThisTest).forEach(ProcessHandle::destroyForcibly);
  }

  @Test
  void afterKillNineTheNextStartGoesOnWithTheSameWorkerPortsAndBuilds() throws Exception {
    Process first = start("first.log");
    awaitReady(first, "first.log");
    Properties ports = ports();
    String build;
    try (BuildsClient client = client()) {
      build = create(client).getId();
      await().atMost(LIMIT).until(() -> phase(client, build) == Phase.PHASE_BUILD_SCHEDULED);
    }
    List<Long> workers = await().atMost(LIMIT).until(this::workers, list -> list.size() == 1);

    Process second = start("second.log");
    assertThat(second.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(second.exitValue()).isEqualTo(69);
    assertThat(log("second.log")).contains("another standalone works in", "pid " + first.pid());

    ProcessHandle leftRedis = redis();
    first.destroyForcibly().waitFor();
    assertThat(leftRedis.isAlive()).isTrue();
    assertThat(workers()).isEqualTo(workers);

    Process next = start("next.log");
    awaitReady(next, "next.log");
    assertThat(ports()).isEqualTo(ports);
    assertThat(leftRedis.isAlive()).isFalse();
    assertThat(redis().isAlive()).isTrue();
    try (BuildsClient client = client()) {
      Build adopted = client.getBuild(build);
      assertThat(adopted.getAttempt()).isOne();
      assertThat(adopted.getPhase()).isEqualTo(Phase.PHASE_BUILD_SCHEDULED);
      assertThat(workers()).isEqualTo(workers);
      client.cancelBuild(CancelBuildRequest.newBuilder().setBuildId(build).build());
      await().atMost(LIMIT).until(() -> workers().isEmpty());
    }
  }

  @Test
  void askedToEndItEndsWithStatusZeroAndTakesItsRedisAlong() throws Exception {
    Process standalone = start("log");
    awaitReady(standalone, "log");
    ProcessHandle redis = redis();
    standalone.destroy();
    assertThat(standalone.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(standalone.exitValue()).isZero();
    assertThat(redis.isAlive()).isFalse();
  }

  private Process start(String log) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.buildman.Main",
                "standalone",
                "--data",
                data().toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(log).toFile());
    builder.environment().put("BUILDMAN_HOME", folder.resolve("buildman").toString());
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private void awaitReady(Process process, String log) {
    await("standalone is ready")
        .atMost(LIMIT)
        .failFast(
            () -> {
              assertThat(process.isAlive()).as(log(log)).isTrue();
            })
        .until(() -> log(log).contains("buildman is ready"));
  }

  private String log(String name) throws IOException {
    return Files.readString(folder.resolve(name));
  }

  private Path data() {
    return folder.resolve("data");
  }

  private ProcessHandle redis() throws IOException {
    String pid = Files.readString(data().resolve("redis/redis.pid")).strip();
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  private Properties ports() throws IOException {
    Properties ports = new Properties();
    ports.load(new StringReader(Files.readString(data().resolve("ports"))));
    return ports;
  }

  private BuildsClient client() throws IOException {
    int port = Integer.parseInt(ports().getProperty("clients"));
    return BuildsClient.open(new Endpoint("127.0.0.1", port, false, Optional.empty(), Secret.NONE));
  }

  private static Build create(BuildsClient client) {
    return client
        .createBuild(
            CreateBuildRequest.newBuilder()
                .setSpec(
                    BuildSpec.newBuilder()
                        .setRepository("me/app")
                        .setInlineDockerfile("FROM scratch\n"))
                .build())
        .getBuild();
  }

  private static Phase phase(BuildsClient client, String build) {
    return client.getBuild(build).getPhase();
  }

  /** The agents' processes. */
  private List<Long> workers() {
    return ProcessHandle.allProcesses()
        .filter(this::isOfThisTest)
        .filter(process -> "sleep".equals(read(process, "comm").strip()))
        .map(ProcessHandle::pid)
        .sorted()
        .toList();
  }

  private boolean isOfThisTest(ProcessHandle process) {
    return read(process, "environ").contains(folder.toString())
        || read(process, "cmdline").contains(data().toString())
        || worksIn(process, data());
  }

  /**
   * Redis has no environment and writes its own command line: only its folder tells whose it is.
   */
  private static boolean worksIn(ProcessHandle process, Path root) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"))
          .startsWith(root);
    } catch (IOException e) {
      return false; // ended meanwhile
    }
  }

  private static String read(ProcessHandle process, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
    } catch (IOException e) {
      return "";
    }
  }
}
