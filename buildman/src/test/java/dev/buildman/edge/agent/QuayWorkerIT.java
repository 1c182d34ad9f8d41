package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogPage;
import dev.buildman.model.AgentKind;
import dev.buildman.model.Credentials;
import dev.buildman.model.Phase;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.job.Expired;
import dev.buildman.session.SessionSettings;
import dev.buildman.testing.quay.QuayPlan;
import dev.buildman.testing.quay.SimulatedQuayBuilder;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Quay's worker, simulated, at work for this manager. */
@RedisTest
class QuayWorkerIT {
  private EdgeFixture edge;
  private EdgeFixture.Launched worker;
  private QuayPlan plan;

  @BeforeEach
  void start(TestRedis redis) {
    edge = new EdgeFixture(redis);
    worker = edge.launched();
    plan = QuayPlan.smooth(edge::channel, worker.token());
  }

  @AfterEach
  void stop() {
    edge.close();
  }

  @Test
  void itBuildsToTheEndAndItsLogIsWhole() throws Exception {
    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan.printing(40))) {
      assertThat(builder.awaitExit()).isZero();
    }

    assertThat(phase()).isEqualTo(Phase.COMPLETE);
    assertThat(edge.output(worker.build()))
        .hasSize(40)
        .startsWith("line 1\n")
        .endsWith("line 40\n");
    assertThat(edge.orchestrator.record(worker.build()).course().agent()).contains(AgentKind.QUAY);
    await()
        .untilAsserted(
            () ->
                assertThat(edge.log(worker.build()))
                    .filteredOn(entry -> entry.type() == LogEntry.Type.PHASE)
                    .extracting(LogEntry::message)
                    .as("one for each call, as Quay's manager writes them")
                    .containsExactly(
                        "unpacking", "pulling", "pulling", "building", "pushing", "complete"));
  }

  @Test
  void whenItsLogStreamIsResetItsReadersNeedNotWaitForMore() throws Exception {
    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan.printing(3))) {
      assertThat(builder.awaitExit()).isZero();
    }
    await()
        .untilAsserted(
            () ->
                assertThat(edge.logs.read(worker.build(), 0, 1).state())
                    .isEqualTo(LogPage.State.FINISHED));
  }

  @Test
  void itsStepsAreCommandsInTheLog() throws Exception {
    var lines =
        new QuayPlan.Lines(
            List.of(),
            List.of(
                "{\"stream\":\"STEP 1/2: FROM base\\n\",\"progressDetail\":{}}",
                "{\"stream\":\"output\\n\",\"progressDetail\":{}}",
                "{\"progressDetail\":{}}"),
            List.of());
    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan.with(lines))) {
      assertThat(builder.awaitExit()).isZero();
    }

    assertThat(edge.log(worker.build()))
        .filteredOn(entry -> entry.type() == LogEntry.Type.COMMAND)
        .extracting(LogEntry::message)
        .containsExactly("STEP 1/2: FROM base\n");
    assertThat(edge.output(worker.build()))
        .containsExactly("STEP 1/2: FROM base\n", "output\n", "");
  }

  @Test
  void aCancelEndsItWithinThreeBeats() throws Exception {
    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan.holdBuilding())) {
      await().until(() -> phase() == Phase.BUILDING);
      edge.orchestrator.cancel.run(worker.build(), "alice", "");

      assertThat(builder.awaitExit()).isEqualTo(1);
    }
    assertThat(phase()).isEqualTo(Phase.CANCELLED);
  }

  @Test
  void aLaterSessionEndsItToo() throws Exception {
    try (SimulatedQuayBuilder builder =
        SimulatedQuayBuilder.start(plan.holdBuilding().holdPushing())) {
      await().until(() -> phase() == Phase.BUILDING);
      edge.orchestrator.cancel.run(worker.build(), "alice", "");
      builder.release();

      assertThat(builder.awaitExit()).as("its next phase, or three beats").isEqualTo(1);
      assertThat(builder.transcript().of("SetPhase")).noneMatch(said -> said.endsWith("COMPLETE"));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void whatFailsInItLeavesTheBuildToItsExecutor(QuayPlan.Fault fault) throws Exception {
    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(plan.with(fault).printing(3))) {
      assertThat(builder.awaitExit()).isEqualTo(fault == QuayPlan.Fault.PARSER_PANIC ? 2 : 1);
    }

    // It reports nothing: its exit status and its last lines are all there is.
    assertThat(phase().isTerminal()).isFalse();
    assertThat(edge.orchestrator.jobs.get(worker.build())).isPresent();
    await()
        .untilAsserted(
            () -> assertThat(edge.metrics.scrape()).contains("buildman_agents_connected 0.0"));
  }

  @Test
  void oneThatIsSilentIsCarriedAndItsLateWordCounts() throws Exception {
    QuayPlan silent = plan.holdBuilding().beating(Duration.ofHours(1));
    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(silent)) {
      await().until(() -> phase() == Phase.BUILDING);
      edge.orchestrator.advance(Duration.ofSeconds(61));
      assertThat(edge.orchestrator.expire.run(worker.build()).held())
          .contains(new Expired.Carried());

      builder.release();
      assertThat(builder.awaitExit()).isZero();
    }
    assertThat(phase()).isEqualTo(Phase.COMPLETE);
  }

  /** What Quay's worker would silently leave out: a build without it is another build. */
  static Stream<Arguments> additionsThatItCannotDo() {
    Credentials credentials = new Credentials("reader", Secret.of("pull-password"));
    return Stream.of(
        arguments("build_args", adding(false, Map.of("PROXY", "http://p"), Map.of())),
        arguments("no_cache", adding(true, Map.of(), Map.of())),
        arguments("registry_auth", adding(false, Map.of(), Map.of("other.example", credentials))));
  }

  @ParameterizedTest
  @MethodSource("additionsThatItCannotDo")
  void aBuildThatTheInstallationAddsToIsNeverBuiltWithout(
      String capability, SessionSettings.Additions everyBuild, TestRedis redis) throws Exception {
    try (EdgeFixture adding = new EdgeFixture(redis, everyBuild)) {
      EdgeFixture.Launched launched = adding.launched();
      QuayPlan smooth = QuayPlan.smooth(adding::channel, launched.token());
      try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(smooth)) {
        assertThat(builder.awaitExit()).isEqualTo(1);
        assertThat(builder.transcript().of("SetPhase")).isEmpty();
      }

      var standing = adding.orchestrator.record(launched.build()).standing();
      assertThat(standing.phase()).isEqualTo(Phase.ERROR);
      assertThat(standing.reason()).isEqualTo("AGENT_LACKS_CAPABILITY");
      assertThat(standing.sentence())
          .contains("this installation gives to every build: " + capability);
    }
  }

  @Test
  void aBuildThatAsksForWhatItCannotDoIsNeverBuiltWithout() throws Exception {
    EdgeFixture.Launched demanding = edge.launched(Map.of("VERSION", "2"));
    QuayPlan smooth = QuayPlan.smooth(edge::channel, demanding.token());
    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(smooth)) {
      assertThat(builder.awaitExit()).isEqualTo(1);
      assertThat(builder.transcript().of("SetPhase")).isEmpty();
    }

    var record = edge.orchestrator.record(demanding.build());
    assertThat(record.standing().phase()).isEqualTo(Phase.ERROR);
    assertThat(record.standing().reason()).isEqualTo("AGENT_LACKS_CAPABILITY");
    assertThat(record.standing().sentence()).contains("what the build needs: build_args");
    assertThat(record.course().counts().tries()).as("it costs nothing").isEqualTo(3);
  }

  @Test
  void whatItNeedsOrCannotMissIsNoAddition(TestRedis redis) throws Exception {
    Credentials own = new Credentials("reader", Secret.of("pull-password"));
    var everyBuild =
        new SessionSettings.Additions(
            false, Map.of(), Map.of("registry.example", own), List.of("registry.example"));
    try (EdgeFixture adding = new EdgeFixture(redis, everyBuild)) {
      EdgeFixture.Launched launched = adding.launched();
      QuayPlan smooth = QuayPlan.smooth(adding::channel, launched.token());
      try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(smooth)) {
        assertThat(builder.awaitExit())
            .as("credentials of the build's own registry have their place in Quay's fields")
            .isZero();
      }
    }
  }

  private static SessionSettings.Additions adding(
      boolean noCache, Map<String, String> buildArgs, Map<String, Credentials> auth) {
    return new SessionSettings.Additions(noCache, buildArgs, auth, List.of());
  }

  private Phase phase() {
    return edge.orchestrator.phase(worker.build());
  }
}
