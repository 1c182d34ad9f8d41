package dev.buildman.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.buildman.agent.engine.BusyboxImage;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.Phase;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a worker may do to its agent: fill its disk, allow no writing, lose its network, its
 * registry, its manager, be told to go. Each ends with the status and words of the contract, and
 * leaves no process, no mount and no file.
 */
@Timeout(90)
@NeedsPrograms({Program.BUILDAH, Program.DOCKER_REGISTRY, Program.BUSYBOX})
final class WorkerFaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Runs the rest with a file system of its own under TMPDIR, and tells what is left there. */
  private static final String SMALL_DISK =
      """
      mount -t tmpfs -o size=$SIZE tmpfs "$TMPDIR" || exit 99
      "$@"
      status=$?
      ls -A "$TMPDIR"
      exit $status
      """;

  /** The same, with everything else as it is in a read-only container. */
  private static final String READ_ONLY_ROOT =
      """
      mount -t tmpfs -o size=$SIZE tmpfs "$TMPDIR" || exit 99
      mount -o remount,bind,ro / || exit 99
      ! touch "$TMPDIR/../root-is-written" 2>/dev/null || exit 98
      "$@"
      status=$?
      ls -A "$TMPDIR"
      exit $status
      """;

  @TempDir private static Path registryFolder;
  private static DockerRegistry registry;
  private static ImageReference base;

  @TempDir private Path folder;
  private final String cookie = UUID.randomUUID().toString();
  private Path work;
  private Path left;

  @BeforeAll
  static void startRegistry() throws Exception {
    registry = DockerRegistry.start(registryFolder);
    base = ImageReference.parse(registry.host() + "/base/busybox:1");
    BusyboxImage.push(base, CredentialStore.none());
  }

  @AfterAll
  static void stopRegistry() throws InterruptedException {
    registry.close();
  }

  @BeforeEach
  void files() throws IOException {
    work = Files.createDirectory(folder.resolve("work"));
    left = folder.resolve("stdout");
  }

  @AfterEach
  void nothingIsLeft() throws IOException {
    await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> assertThat(processes()).isEmpty());
    assertThat(Files.readString(Path.of("/proc/self/mounts"))).doesNotContain(folder.toString());
    assertThat(work).isEmptyDirectory();
    assertThat(left).isEmptyFile();
  }

  /** All that carry this test's mark in environment or command line, by their command lines. */
  private List<String> processes() throws IOException {
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        String line = read(process.resolve("cmdline"));
        if ((line + read(process.resolve("environ"))).contains(cookie)) {
          found.add(line.replace('\0', ' '));
        }
      }
    }
    return found;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  private BuildPack.Builder pack() {
    return BuildPack.newBuilder()
        .setJobJwt("job")
        .setBuildId("b-1")
        .setHeartbeatSeconds(1)
        .setRegistry(registry.host())
        .setRepository("ns/" + cookie)
        .setPushToken("password-of-this-build")
        .addTagNames("v1");
  }

  private BuildPack dockerfile(String text) {
    return pack().setInlineDockerfile(ByteString.copyFromUtf8(text)).build();
  }

  private AgentProcess agent(TestManager manager, String engine) throws IOException {
    return agent(manager, engine, List.of(), "");
  }

  private AgentProcess agent(TestManager manager, String engine, List<String> wrapper, String size)
      throws IOException {
    Path token = Files.writeString(folder.resolve("token"), "registration\n");
    Map<String, String> variables = new HashMap<>(AgentProcess.environment(manager, token, work));
    variables.put("CONTAINER_RUNTIME", engine);
    variables.put("BUILDMAN_EXECUTION", cookie);
    variables.put("RECONNECT_WINDOW", "1");
    variables.put("SIZE", size);
    return AgentProcess.startIn(folder, wrapper, variables);
  }

  private AgentProcess onDiskOf(String size, TestManager manager, String engine)
      throws IOException {
    return agent(manager, engine, unshared(SMALL_DISK), size);
  }

  private static List<String> unshared(String script) {
    Assumptions.assumeTrue(
        "root".equals(System.getProperty("user.name")), "only root may mount file systems");
    return List.of("unshare", "--mount", "sh", "-c", script, "worker");
  }

  private static Failure failure(TestManager manager, AgentProcess agent) throws Exception {
    assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isEqualTo(1);
    assertThat(manager.phases()).last().isEqualTo(Phase.ERROR);
    return manager.lastPhase().getFailure();
  }

  // The disk.

  @Test
  void aDiskThatASourceFillsIsThePlatformsFault() throws Exception {
    byte[] archive = archive(40 << 20, 64);
    try (ScriptedServer packages =
            ScriptedServer.start(call -> ScriptedServer.reply(call, 200, archive));
        TestManager manager = new TestManager(pack().setPackageUrl(packages.url("/p")).build());
        AgentProcess agent = onDiskOf("8m", manager, "embedded")) {
      Failure failure = failure(manager, agent);

      assertThat(failure.getCode()).isEqualTo("io.quay.builder.internalerror");
      assertThat(failure.getMessage())
          .contains("cannot be written", "No space left on device", "the worker's disk is full");
    }
  }

  @Test
  void aDiskThatALayerFillsIsThePlatformsFault() throws Exception {
    byte[] archive = archive(6 << 20, 8192);
    try (ScriptedServer packages =
            ScriptedServer.start(call -> ScriptedServer.reply(call, 200, archive));
        TestManager manager = new TestManager(pack().setPackageUrl(packages.url("/p")).build());
        AgentProcess agent = onDiskOf("16m", manager, "embedded")) {
      Failure failure = failure(manager, agent);

      assertThat(failure.getCode()).isEqualTo("io.quay.builder.buildrunerror");
      assertThat(failure.getMessage()).contains("No space left", "the worker's disk is full");
    }
  }

  @Test
  void aDiskThatACommandFillsIsToldWithItsStep() throws Exception {
    String run = "RUN cat /dev/zero > /big";
    try (TestManager manager = new TestManager(dockerfile("FROM " + base + "\n" + run + "\n"));
        AgentProcess agent = onDiskOf("48m", manager, "buildah")) {
      Failure failure = failure(manager, agent);

      assertThat(failure.getCode()).isEqualTo("io.quay.builder.builderror");
      assertThat(failure.getStep()).isEqualTo("Dockerfile:2 " + run);
      assertThat(failure.getExitCode()).isEqualTo(1);
      assertThat(failure.getMessage())
          .contains("the worker's disk is full. It last said: cat: write error: No space left");
    }
  }

  /** A gzipped tar with a Dockerfile that copies a file; so many bytes of each 8 KiB are random. */
  private static byte[] archive(int size, int random) throws IOException {
    byte[] big = new byte[size];
    Random bytes = new Random(1);
    byte[] some = new byte[random];
    for (int at = 0; at < size; at += 8192) {
      bytes.nextBytes(some);
      System.arraycopy(some, 0, big, at, random);
    }
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(packed))) {
      entry(
          tar,
          "Dockerfile",
          "FROM scratch\nCOPY big /a\nCOPY big /b\n".getBytes(StandardCharsets.UTF_8));
      entry(tar, "big", big);
    }
    return packed.toByteArray();
  }

  private static void entry(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  @ParameterizedTest
  @ValueSource(strings = {"embedded", "buildah"})
  void oneWritableFolderIsEnough(String engine) throws Exception {
    String run = engine.equals("buildah") ? "RUN echo made > /made\n" : "";
    String text = "FROM " + base + "\n" + run + "LABEL made=here\n";
    try (TestManager manager = new TestManager(dockerfile(text));
        AgentProcess agent = agent(manager, engine, unshared(READ_ONLY_ROOT), "96m")) {
      assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();

      assertThat(manager.phases()).last().isEqualTo(Phase.COMPLETE);
    }
  }

  // The others.

  /** No packet goes anywhere any more, in the middle of a build. */
  @Test
  void anAgentWithoutNetworkEndsAsOneWithoutManager() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    ScriptedServer target =
        ScriptedServer.start(
            call -> {
              asked.countDown();
              Thread.currentThread().join();
            });
    try (target;
        TestManager manager =
            new TestManager(
                pack()
                    .setRegistry(target.host())
                    .setInlineDockerfile(ByteString.copyFromUtf8("FROM scratch\nLABEL a=b\n"))
                    .build());
        AgentProcess agent = agent(manager, "embedded")) {
      asked.await();
      target.close();
      manager.die();

      assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isEqualTo(5);
      assertThat(agent.stderr()).contains("MANAGER_LOST");
    }
  }

  @Test
  void aRegistryThatIsGoneIsTriedForAWhileAndThenThePlatformsFault() throws Exception {
    AtomicReference<ScriptedServer> target = new AtomicReference<>();
    ScriptedServer dying =
        ScriptedServer.start(
            call -> {
              call.close();
              target.get().close();
            });
    target.set(dying);
    try (dying;
        TestManager manager =
            new TestManager(
                pack()
                    .setRegistry(dying.host())
                    .setInlineDockerfile(ByteString.copyFromUtf8("FROM scratch\nLABEL a=b\n"))
                    .build());
        AgentProcess agent = agent(manager, "embedded")) {
      Failure failure = failure(manager, agent);

      assertThat(failure.getCode()).isEqualTo("io.quay.builder.pushissue");
      assertThat(failure.getMessage()).contains("could not be pushed to " + dying.host());
      assertThat(agent.stderr().lines().filter(l -> l.contains("request is repeated"))).hasSize(5);
    }
  }

  @Test
  void anAgentWhoseManagerIsGoneEndsWhatItBuilds() throws Exception {
    try (TestManager manager = new TestManager(dockerfile(endless()));
        AgentProcess agent = agent(manager, "buildah")) {
      awaitCommand(manager);
      manager.die();

      assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isEqualTo(5);
    }
  }

  @Test
  void anAgentThatIsToldToGoEndsWhatItBuilds() throws Exception {
    try (TestManager manager = new TestManager(dockerfile(endless()));
        AgentProcess agent = agent(manager, "buildah")) {
      awaitCommand(manager);
      agent.terminate();

      assertThat(agent.exitStatus(Duration.ofSeconds(20))).as(agent.stderr()).isEqualTo(143);
      assertThat(manager.logLines()).last().asString().contains("told to end");
      assertThat(manager.phases()).last().isEqualTo(Phase.BUILDING);
    }
  }

  /** With a child that a signal to its parent alone would leave. */
  private String endless() {
    return "FROM %s\nRUN sh -c 'sleep 3600; echo %s' & echo ready; sh -c 'sleep 3601; echo %s'\n"
        .formatted(base, cookie, cookie);
  }

  private static void awaitCommand(TestManager manager) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(manager.logLines())
                    .anySatisfy(line -> assertThat(line).contains("\"ready")));
  }
}
