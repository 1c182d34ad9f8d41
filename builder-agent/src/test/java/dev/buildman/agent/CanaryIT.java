package dev.buildman.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import dev.buildman.agent.engine.BusyboxImage;
import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.engine.TestImages.Item;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.testing.ContainerDaemon;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.RegistryAuth;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Canaries in every secret that a build may have are looked for in all that it leaves: layers,
 * configurations and manifests in the registry, the log, the failure, the agent's own output, what
 * a daemon keeps, its work folder, and the command lines of all processes while it runs.
 */
@Timeout(120)
@NeedsPrograms({Program.DOCKER_REGISTRY, Program.BUSYBOX})
final class CanaryIT {
  private static final String SECRET = "canary-secret-8c1d";
  private static final String KEY = "Y2FuYXJ5LWtleS1vZi1hLXNzaC1jbGllbnQ";
  private static final String SIGNATURE = "canary-signature-77aa";
  private static final String ARGUMENT = "canary-argument-90be";
  private static final String REGISTRATION = "canary-registration-31f0";
  private static final String JOB = "canary-job-token-4d4d";
  private static final String OTHER_LOGIN = "canary-identity-6b6b";

  private static final List<String> CANARIES =
      List.of(
          SECRET,
          KEY,
          SIGNATURE,
          REGISTRATION,
          JOB,
          OTHER_LOGIN,
          DockerRegistry.PASSWORD,
          // As the header of Basic authentication has it.
          base64(DockerRegistry.USER + ":" + DockerRegistry.PASSWORD),
          base64(SECRET).substring(0, 20));

  @TempDir private static Path registryFolder;
  private static DockerRegistry registry;
  private static String base;

  @TempDir private Path folder;
  private Path work;
  private final StringBuilder commandLines = new StringBuilder();

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(ISO_8859_1));
  }

  @BeforeAll
  static void startRegistry() throws Exception {
    registry = DockerRegistry.startWithUser(registryFolder);
    base = registry.host() + "/base/busybox:1";
    Credentials login = new Credentials(DockerRegistry.USER, DockerRegistry.PASSWORD);
    BusyboxImage.push(
        ImageReference.parse(base), CredentialStore.of(Map.of(registry.host(), login)));
  }

  @AfterAll
  static void stopRegistry() throws InterruptedException {
    registry.close();
  }

  @BeforeEach
  void makeFolder() throws IOException {
    work = Files.createDirectory(folder.resolve("work"));
  }

  private static BuildPack.Builder pack() {
    return BuildPack.newBuilder()
        .setJobJwt(JOB)
        .setBuildId("b-1")
        .setHeartbeatSeconds(1)
        .setRegistry(registry.host())
        .setRepository("ns/canary")
        .setPushUsername(DockerRegistry.USER)
        .setPushToken(DockerRegistry.PASSWORD)
        .setBaseImage(
            BuildPack.BaseImage.newBuilder()
                .setUsername(DockerRegistry.USER)
                .setPassword(DockerRegistry.PASSWORD))
        .putRegistryAuth(
            "registry.example", RegistryAuth.newBuilder().setIdentityToken(OTHER_LOGIN).build())
        .putBuildArgs("PLAIN", ARGUMENT)
        .addTagNames("v1");
  }

  private void build(
      BuildPack.Builder pack, String dockerfile, Map<String, String> engine, Phase end)
      throws Exception {
    byte[] context =
        TestImages.gzip(
            TestImages.tar(List.of(Item.file("Dockerfile", dockerfile), Item.file("f", "f"))));
    try (ScriptedServer packages =
            ScriptedServer.start(
                call -> {
                  lookAtProcesses();
                  ScriptedServer.reply(call, 200, context);
                });
        TestManager manager =
            new TestManager(
                pack.setPackageUrl(packages.url("/p.tgz?X-Signature=" + SIGNATURE)).build());
        AgentProcess agent = AgentProcess.start(folder, variables(manager, engine))) {
      await()
          .atMost(Duration.ofSeconds(90))
          .until(
              () -> {
                if (manager.logLines().stream().anyMatch(line -> line.contains("\"ready"))) {
                  lookAtProcesses();
                }
                return !agent.handle().isAlive();
              });

      assertThat(manager.phases()).as(agent.stderr()).last().isEqualTo(end);
      clean("the log", manager.logLines().toString(), true);
      clean("the report", manager.lastPhase().toString().replace(JOB, ""), true);
      clean("the agent's output", agent.stderr(), true);
    }
    assertThat(commandLines.toString()).contains("builder-agent");
    clean("command lines", commandLines.toString(), true);
    assertThat(work).isEmptyDirectory();
    scan("the registry", registryFolder.resolve("data"));
  }

  private Map<String, String> variables(TestManager manager, Map<String, String> engine)
      throws IOException {
    Path token = Files.writeString(folder.resolve("token"), REGISTRATION + "\n");
    Map<String, String> variables = new HashMap<>(AgentProcess.environment(manager, token, work));
    variables.putAll(engine);
    return variables;
  }

  private synchronized void lookAtProcesses() throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : all) {
        commandLines.append(read(process.resolve("cmdline"))).append('\n');
      }
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  /** Build arguments stand in the history: docs/engines.md says so. */
  private static void clean(String where, String text, boolean argumentsToo) {
    List<String> words = new ArrayList<>(CANARIES);
    if (argumentsToo && where.equals("command lines")) {
      words.add(ARGUMENT);
    }
    for (String word : words) {
      assertThat(text.contains(word)).as("%s stands in %s", word, where).isFalse();
    }
  }

  /** Every file, also unpacked where it is packed. */
  private static void scan(String what, Path root) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.walk(root)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).as(what).isNotEmpty();
    for (Path file : files) {
      byte[] bytes = Files.readAllBytes(file);
      clean(what + ": " + file, new String(bytes, ISO_8859_1), false);
      if (bytes.length > 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b) {
        try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
          clean(what + ": " + file, new String(plain.readAllBytes(), ISO_8859_1), false);
        }
      }
    }
  }

  @Test
  void embeddedShowsNone() throws Exception {
    build(
        pack(),
        "FROM " + base + "\nARG PLAIN\nCOPY f /f\nLABEL a=b\n",
        Map.of("CONTAINER_RUNTIME", "embedded"),
        Phase.COMPLETE);
  }

  /** The step prints its secret, plain and in lines of Base64. */
  @Test
  @NeedsPrograms(Program.BUILDAH)
  void buildahShowsNone() throws Exception {
    build(
        withSecrets(),
        dockerfile("echo over"),
        Map.of("CONTAINER_RUNTIME", "buildah"),
        Phase.COMPLETE);
  }

  @Test
  @NeedsPrograms(Program.BUILDAH)
  void aFailureUnderBuildahShowsNone() throws Exception {
    build(
        withSecrets(),
        dockerfile("cat /run/secrets/word; exit 3"),
        Map.of("CONTAINER_RUNTIME", "buildah"),
        Phase.ERROR);
  }

  private static BuildPack.Builder withSecrets() {
    String key =
        "-----BEGIN OPENSSH PRIVATE KEY-----\n" + KEY + "\n-----END OPENSSH PRIVATE KEY-----\n";
    return pack()
        .putSecrets("word", ByteString.copyFromUtf8(SECRET))
        .putSecrets("key", ByteString.copyFromUtf8(key));
  }

  private static String dockerfile(String last) {
    return """
    FROM %s
    ARG PLAIN
    COPY f /f
    RUN --mount=type=secret,id=word --mount=type=secret,id=key \
        cat /run/secrets/word /run/secrets/key; \
        (echo padding; cat /run/secrets/word) | busybox base64; \
        echo ready; sleep 1; %s
    """
        .formatted(base, last);
  }

  @Test
  @NeedsPrograms({Program.DOCKERD, Program.DOCKER})
  void dockerShowsNoneAndItsDaemonKeepsNone(@TempDir Path home) throws Exception {
    try (ContainerDaemon daemon = ContainerDaemon.docker(home)) {
      build(pack(), plain(), engine("docker", daemon), Phase.COMPLETE);
      scan("Docker's folder", home);
    }
  }

  @Test
  @NeedsPrograms({Program.PODMAN, Program.DOCKER})
  void podmanShowsNoneAndItsServiceKeepsNone(@TempDir Path home) throws Exception {
    try (ContainerDaemon daemon = ContainerDaemon.podman(home, List.of(registry.host()))) {
      build(pack(), plain(), engine("podman", daemon), Phase.COMPLETE);
      scan("Podman's folder", home);
    }
  }

  private static Map<String, String> engine(String name, ContainerDaemon daemon) {
    return Map.of("CONTAINER_RUNTIME", name, "DOCKER_HOST", daemon.host());
  }

  private static String plain() {
    return "FROM " + base + "\nARG PLAIN\nCOPY f /f\nRUN echo ready; sleep 1\n";
  }
}
