package dev.buildman.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.Phase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program as workers run it: a process, its environment, its exit status. */
final class BuilderAgentIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final BuildPack PACK =
      BuildPack.newBuilder()
          .setJobJwt("canary-job-token")
          .setBuildId("b-1")
          .setHeartbeatSeconds(1)
          .setRegistry("127.0.0.1:1")
          .setRepository("ns/repo")
          .setPushToken("canary-push-token")
          .addTagNames("v1")
          .setInlineDockerfile(ByteString.copyFromUtf8("FROM scratch\nLABEL made=here\n"))
          .build();

  @TempDir private Path folder;
  private Path token;
  private Path work;

  @BeforeEach
  void files() throws IOException {
    token = Files.writeString(folder.resolve("token"), "canary-registration-token\n");
    work = Files.createDirectory(folder.resolve("work"));
  }

  private AgentProcess agent(TestManager manager) throws IOException {
    return AgentProcess.start(folder, AgentProcess.environment(manager, token, work));
  }

  @Test
  @NeedsPrograms(Program.DOCKER_REGISTRY)
  void buildsPushesReportsAndLeavesNothingBehind() throws Exception {
    Path data = Files.createDirectory(folder.resolve("registry"));
    try (DockerRegistry registry = DockerRegistry.start(data);
        TestManager manager =
            new TestManager(PACK.toBuilder().setRegistry(registry.host()).build());
        AgentProcess agent = agent(manager)) {
      assertThat(agent.exitStatus(PATIENCE)).as(agent::toString).isZero();

      assertThat(manager.phases())
          .containsExactly(
              Phase.UNPACKING, Phase.PULLING, Phase.BUILDING, Phase.PUSHING, Phase.COMPLETE);
      PulledImage image = PulledImage.pull(ImageReference.parse(registry.host() + "/ns/repo:v1"));
      assertThat(image.json().at("/config/Labels/made").asText()).isEqualTo("here");
      assertThat(manager.lastPhase().getResult().getImageId())
          .isEqualTo(image.manifest().config().digest().toString());
      assertThat(manager.registrations().getFirst().getCapabilitiesList())
          .contains("build_args", "target");
      assertThat(manager.registrations().getFirst().getHostname()).isNotEmpty();
      assertThat(work).isEmptyDirectory();
      assertThat(agent.stderr()).contains("registered").doesNotContain("canary");
      assertThat(manager.logLines().toString()).doesNotContain("canary");
    }
  }

  @Test
  void aFailedBuildIsReportedAndTheExitStatusSaysSo() throws Exception {
    BuildPack wrong =
        PACK.toBuilder().setInlineDockerfile(ByteString.copyFromUtf8("RUN first\n")).build();
    try (TestManager manager = new TestManager(wrong);
        AgentProcess agent = agent(manager)) {
      assertThat(agent.exitStatus(PATIENCE)).isEqualTo(1);
      assertThat(manager.lastPhase().getFailure().getCode())
          .isEqualTo("io.quay.builder.dockerfileissue");
    }
  }

  @Test
  void endsCleanlyWhenItIsToldTo() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedServer packages =
            ScriptedServer.start(
                exchange -> {
                  asked.countDown();
                  over.await();
                });
        TestManager manager =
            new TestManager(
                PACK.toBuilder()
                    .clearInlineDockerfile()
                    .setPackageUrl(packages.url("/p.tgz"))
                    .build());
        AgentProcess agent = agent(manager)) {
      asked.await();
      agent.terminate();

      assertThat(agent.exitStatus(Duration.ofSeconds(10))).isEqualTo(143);
      assertThat(manager.logLines()).last().asString().contains("told to end");
      assertThat(manager.phases()).containsExactly(Phase.UNPACKING);
      assertThat(work).isEmptyDirectory();
    } finally {
      over.countDown();
    }
  }

  @Test
  void endsWithItsSession() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedServer packages =
            ScriptedServer.start(
                exchange -> {
                  asked.countDown();
                  over.await();
                });
        TestManager manager =
            new TestManager(
                PACK.toBuilder()
                    .clearInlineDockerfile()
                    .setPackageUrl(packages.url("/p.tgz"))
                    .build());
        AgentProcess agent = agent(manager)) {
      asked.await();
      await().until(() -> manager.beats() > 0);
      manager.cancel();

      assertThat(agent.exitStatus(Duration.ofSeconds(10))).isEqualTo(3);
    } finally {
      over.countDown();
    }
  }

  /** Self-fencing: an agent that slept beyond its lease must not put a tag when it wakes. */
  @Test
  void anAgentThatWasStoppedBeyondItsLeasePushesNothing() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (ScriptedServer registry =
            ScriptedServer.start(
                exchange -> {
                  asked.countDown();
                  mayAnswer.await();
                  accept(exchange);
                });
        TestManager manager =
            new TestManager(
                PACK.toBuilder().setRegistry(registry.host()).setLeaseSeconds(2).build());
        AgentProcess agent = agent(manager)) {
      asked.await();
      manager.holdBeats(true);
      signal("STOP", agent);
      await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
      signal("CONT", agent);
      mayAnswer.countDown();
      await()
          .during(Duration.ofSeconds(1))
          .untilAsserted(() -> assertThat(puts(registry)).isEmpty());

      manager.cancel();

      assertThat(agent.exitStatus(Duration.ofSeconds(10))).isEqualTo(3);
      assertThat(puts(registry)).isEmpty();
      assertThat(manager.phases()).last().isEqualTo(Phase.PUSHING);
    } finally {
      mayAnswer.countDown();
    }
  }

  private static void accept(HttpExchange exchange) throws IOException {
    String location = exchange.getRequestURI().getPath() + "1";
    exchange.getResponseHeaders().set("Location", location);
    int status =
        switch (exchange.getRequestMethod()) {
          case "POST" -> 202;
          case "PUT" -> 201;
          default -> exchange.getRequestURI().getPath().equals("/v2/") ? 200 : 404;
        };
    ScriptedServer.reply(exchange, status, "");
  }

  private static Stream<String> puts(ScriptedServer registry) {
    return registry.asked().stream()
        .filter(asked -> asked.method().equals("PUT") && asked.uri().contains("/manifests/"))
        .map(ScriptedServer.Asked::uri);
  }

  private static void signal(String name, AgentProcess agent) throws Exception {
    String pid = String.valueOf(agent.handle().pid());
    String[] command = {"/bin/sh", "-c", "kill -" + name + " " + pid};
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void nothingSecretStandsInTheProcessTable() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (ScriptedServer packages =
            ScriptedServer.start(
                exchange -> {
                  asked.countDown();
                  over.await();
                });
        TestManager manager =
            new TestManager(
                PACK.toBuilder()
                    .clearInlineDockerfile()
                    .setPackageUrl(packages.url("/p.tgz"))
                    .build());
        AgentProcess agent = agent(manager)) {
      asked.await();
      for (ProcessHandle process :
          Stream.concat(Stream.of(agent.handle()), agent.handle().descendants()).toList()) {
        Path proc = Path.of("/proc", String.valueOf(process.pid()));
        assertThat(Files.readString(proc.resolve("cmdline"))).doesNotContain("canary");
        assertThat(Files.readString(proc.resolve("environ"))).doesNotContain("canary");
      }
    } finally {
      over.countDown();
    }
  }

  @Test
  void aWrongEnvironmentIsToldAtOnce() throws Exception {
    try (AgentProcess agent =
        AgentProcess.start(folder, Map.of("TOKEN", "canary-token", "RECONNECT_WINDOW", "soon"))) {
      assertThat(agent.exitStatus(PATIENCE)).isEqualTo(78);
      assertThat(agent.stderr())
          .contains("SERVER is not set", "RECONNECT_WINDOW is 'soon'")
          .doesNotContain("canary");
    }
  }

  @Test
  void helpAndVersionNeedNoEnvironment() throws Exception {
    try (AgentProcess agent = AgentProcess.start(folder, Map.of(), "--help")) {
      assertThat(agent.exitStatus(PATIENCE)).isZero();
      assertThat(Files.readString(folder.resolve("stdout"))).contains("TOKEN_FILE", "143");
    }
    try (AgentProcess agent = AgentProcess.start(folder, Map.of(), "bulid")) {
      assertThat(agent.exitStatus(PATIENCE)).isEqualTo(64);
    }
  }
}
