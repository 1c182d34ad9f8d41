package dev.buildman.agent;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.agent.link.QuaysManager;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.agent.training.MemoryRegistry;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.LogMessageRequest;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.SetPhaseRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole agent with a manager that knows Quay's contract and nothing else. */
final class QuaysManagerIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private Path work;
  private MemoryRegistry registry;

  @BeforeEach
  void start() throws IOException {
    work = Files.createDirectory(folder.resolve("work"));
    registry = new MemoryRegistry();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private BuildPack pack(String dockerfile) {
    return BuildPack.newBuilder()
        .setJobJwt("canary-job-token")
        .setPackageUrl(
            "data:text/plain;base64,"
                + Base64.getEncoder().encodeToString(dockerfile.getBytes(UTF_8)))
        .setDockerfilePath("Dockerfile")
        .setRegistry(registry.address())
        .setRepository("ns/repo")
        .setPullToken("canary-pull-token")
        .setPushToken("canary-push-token")
        .addTagNames("latest")
        .addTagNames("v1")
        .build();
  }

  private AgentProcess agent(QuaysManager manager, String token) throws IOException {
    Map<String, String> variables = new HashMap<>();
    variables.put("SERVER", manager.address().toString());
    variables.put("INSECURE", "true");
    variables.put("TOKEN", token);
    variables.put("CONTAINER_RUNTIME", "embedded");
    variables.put("TMPDIR", work.toString());
    return AgentProcess.start(folder, variables);
  }

  @Test
  void aBuildIsCompletedAsByQuaysOwnWorker() throws Exception {
    try (QuaysManager manager =
            new QuaysManager(pack("FROM scratch\nLABEL a=b\nENV C=d\n"), "registration");
        AgentProcess agent = agent(manager, "registration")) {
      assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();

      assertThat(manager.phases())
          .containsExactly(
              Phase.UNPACKING, Phase.PULLING, Phase.BUILDING, Phase.PUSHING, Phase.COMPLETE);
      assertThat(manager.phaseRequests())
          .map(SetPhaseRequest::getSequenceNumber)
          .containsExactly(1, 2, 3, 4, 5);
      assertThat(registry.has("latest")).isTrue();
      assertThat(registry.has("v1")).isTrue();
      assertThatTheLogIsQuays(manager.lines());
      assertThat(manager.lines().toString()).doesNotContain("canary-p");
    }
  }

  /** One line a message, numbered without gaps, in the form of a Docker engine's JSON. */
  private static void assertThatTheLogIsQuays(List<LogMessageRequest> lines) throws IOException {
    for (int i = 0; i < lines.size(); i++) {
      LogMessageRequest line = lines.get(i);
      assertThat(line.getSequenceNumber()).isEqualTo(i + 1);
      assertThat(line.getPhase()).isEmpty();
      var json = new ObjectMapper().readTree(line.getLogMessage());
      assertThat(json.has("stream") || json.has("status")).as(line.getLogMessage()).isTrue();
    }
    assertThat(lines)
        .map(LogMessageRequest::getLogMessage)
        .contains("{\"stream\":\"Step 2/3 : LABEL a=b\"}", "{\"stream\":\"Step 3/3 : ENV C=d\"}");
  }

  @Test
  void aFailedBuildIsToldByItsPhaseAndItsLastLines() throws Exception {
    try (QuaysManager manager = new QuaysManager(pack("FROM scratch\nCPOY a b\n"), "registration");
        AgentProcess agent = agent(manager, "registration")) {
      assertThat(agent.exitStatus(PATIENCE)).isEqualTo(1);

      assertThat(manager.phases()).containsExactly(Phase.UNPACKING, Phase.ERROR);
      assertThat(manager.lines().toString()).contains("CPOY", "failed at: Dockerfile:2");
    }
  }

  @Test
  void lostStreamsAreOpenedAgainAndTheBuildGoesOn() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (ScriptedServer packages = held(asked, mayAnswer);
        QuaysManager manager =
            new QuaysManager(
                pack("").toBuilder().setPackageUrl(packages.url("/Dockerfile")).build(),
                "registration");
        AgentProcess agent = agent(manager, "registration")) {
      asked.await();
      await().until(() -> manager.heartbeatStreams() == 1);
      manager.breakStreams();
      await().atMost(PATIENCE).until(() -> manager.heartbeatStreams() == 2);
      mayAnswer.countDown();

      assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();
      assertThat(manager.phases()).last().isEqualTo(Phase.COMPLETE);
      assertThat(manager.lines())
          .map(LogMessageRequest::getSequenceNumber)
          .isSorted()
          .doesNotHaveDuplicates();
    } finally {
      mayAnswer.countDown();
    }
  }

  @Test
  void aJobThatIsForgottenStopsTheAgentAndNothingIsPushed() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch mayAnswer = new CountDownLatch(1);
    try (ScriptedServer packages = held(asked, mayAnswer);
        QuaysManager manager =
            new QuaysManager(
                pack("").toBuilder().setPackageUrl(packages.url("/Dockerfile")).build(),
                "registration");
        AgentProcess agent = agent(manager, "registration")) {
      asked.await();
      manager.forgetJob();

      assertThat(agent.exitStatus(PATIENCE)).isEqualTo(3);
      assertThat(manager.phases()).containsExactly(Phase.UNPACKING);
      assertThat(registry.has("latest")).isFalse();
      assertThat(work).isEmptyDirectory();
    } finally {
      mayAnswer.countDown();
    }
  }

  @Test
  void whatItsLogStoreLosesDoesNotHoldTheBuild() throws Exception {
    try (QuaysManager manager = new QuaysManager(pack("FROM scratch\n"), "registration")) {
      manager.loseLogs();
      try (AgentProcess agent = agent(manager, "registration")) {
        assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();
      }
      assertThat(manager.phases()).last().isEqualTo(Phase.COMPLETE);
      assertThat(manager.lines()).isEmpty();
    }
  }

  @Test
  void aRefusedPhaseAndAWrongTokenEndTheAgent() throws Exception {
    try (QuaysManager manager = new QuaysManager(pack("FROM scratch\n"), "registration")) {
      manager.refusePhases();
      try (AgentProcess agent = agent(manager, "registration")) {
        assertThat(agent.exitStatus(PATIENCE)).isEqualTo(3);
      }
      try (AgentProcess agent = agent(manager, "another")) {
        assertThat(agent.exitStatus(PATIENCE)).isEqualTo(4);
      }
      assertThat(registry.has("latest")).isFalse();
    }
  }

  private static ScriptedServer held(CountDownLatch asked, CountDownLatch mayAnswer)
      throws IOException {
    return ScriptedServer.start(
        exchange -> {
          asked.countDown();
          mayAnswer.await();
          exchange.getResponseHeaders().set("Content-Type", "text/plain");
          ScriptedServer.reply(exchange, 200, "FROM scratch\nLABEL a=b\n");
        });
  }
}
