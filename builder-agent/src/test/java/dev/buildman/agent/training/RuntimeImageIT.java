package dev.buildman.agent.training;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.config.ManagerAddress.Transport;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.testing.TestCertificate;
import dev.buildman.proto.agent.Phase;
import io.grpc.TlsServerCredentials;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The Java runtime of the distribution, as a worker without a JDK has it. */
@EnabledIfSystemProperty(
    named = "buildman.distribution",
    matches = "true",
    disabledReason = "a quick run makes no distributions")
final class RuntimeImageIT {
  private static final Path DISTRIBUTION = Path.of("../target/dist/builder-agent");

  /** Of the issue: runtime alone, as megabytes are sold; jars and cache are not of it. */
  private static final long MOST_BYTES = 60_000_000;

  @TempDir private Path folder;

  @Test
  void isSmall() throws Exception {
    assertThat(RuntimeImage.bytes(RuntimeImage.in(DISTRIBUTION))).isLessThanOrEqualTo(MOST_BYTES);
  }

  @Test
  void hasEachModuleThatTheJarsAskForOrItIsKnownWhyNot() throws Exception {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said, true);
    int status =
        ToolProvider.findFirst("jdeps")
            .orElseThrow()
            .run(
                out,
                out,
                "--ignore-missing-deps",
                "--print-module-deps",
                "--multi-release=" + Runtime.version().feature(),
                "--recursive",
                "--class-path",
                jars(),
                DISTRIBUTION.resolve("lib/builder-agent.jar").toString());

    assertThat(status).as(said::toString).isZero();
    TreeSet<String> asked = new TreeSet<>(List.of(said.toString().strip().split(",", -1)));
    assertThat(asked).contains("java.net.http");
    asked.removeAll(RuntimeImage.LEFT_OUT.keySet());
    assertThat(RuntimeImage.MODULES).containsAll(asked);
  }

  private static String jars() throws IOException {
    try (var files = Files.list(DISTRIBUTION.resolve("lib"))) {
      return String.join(
          ":", files.map(Path::toString).filter(name -> name.endsWith(".jar")).sorted().toList());
    }
  }

  @Test
  void buildsWithItsCacheAndOverTls() throws Exception {
    TestCertificate certificate = TestCertificate.in(folder);
    try (MemoryRegistry registry = new MemoryRegistry();
        TestManager manager =
            new TestManager(
                AotTraining.pack(registry.address()),
                TlsServerCredentials.create(
                    certificate.certificate().toFile(), certificate.key().toFile()))) {
      // With this mode the JVM does not start unless it takes the cache.
      String said =
          run(
              Map.of(
                  "AGENT_JAVA_OPTS",
                  "-XX:AOTMode=on",
                  "SERVER",
                  manager.address(new Transport.PlatformTrust()).toString(),
                  "TLS_CERT_PATH",
                  certificate.certificate().toString(),
                  "TOKEN",
                  "registration"));

      assertThat(manager.phases()).as(said).last().isEqualTo(Phase.COMPLETE);
      assertThat(registry.has("trained")).isTrue();
    }
  }

  @Test
  void isWhatTheLauncherTakes() throws Exception {
    String said = run(Map.of("JAVA_HOME", System.getProperty("java.home")), "check");

    assertThat(said)
        .contains("in " + RuntimeImage.in(DISTRIBUTION.toRealPath()))
        .containsPattern("ok +start cache")
        .containsPattern("ok +engine embedded");
  }

  private String run(Map<String, String> variables, String... arguments) throws Exception {
    Path log = folder.resolve("log");
    List<String> command = new ArrayList<>(List.of(arguments));
    command.addFirst(DISTRIBUTION.resolve("bin/builder-agent").toString());
    ProcessBuilder agent =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    agent.environment().clear();
    agent.environment().put("PATH", "/usr/bin:/bin");
    agent.environment().put("TMPDIR", folder.toString());
    agent.environment().put("CONTAINER_RUNTIME", "embedded");
    agent.environment().putAll(variables);
    Process process = agent.start();
    try {
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(() -> read(log)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return read(log);
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
