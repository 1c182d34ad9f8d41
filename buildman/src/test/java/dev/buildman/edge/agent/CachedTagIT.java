package dev.buildman.edge.agent;

import static dev.buildman.proto.agent.Phase.BUILDING;
import static dev.buildman.proto.agent.Phase.COMPLETE;
import static dev.buildman.proto.agent.Phase.PULLING;
import static dev.buildman.proto.agent.Phase.PUSHING;
import static dev.buildman.proto.agent.Phase.UNPACKING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.orchestrator.Limits;
import dev.buildman.proto.agent.CachedTagRequest;
import dev.buildman.tags.LookupSettings;
import dev.buildman.tags.TestRegistry;
import dev.buildman.testing.agent.SimulatedAgent;
import dev.buildman.testing.quay.QuayPlan;
import dev.buildman.testing.quay.SimulatedQuayBuilder;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import io.grpc.Status;
import java.io.IOException;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which tag agents are told to pull as a cache. */
@RedisTest
class CachedTagIT {
  private static final String REPOSITORY = "alice/app";

  private TestRegistry registry;
  private EdgeFixture edge;

  @BeforeEach
  void start(TestRedis redis) throws IOException {
    registry = new TestRegistry();
    Set<String> known = Set.of(registry.address());
    edge = new EdgeFixture(redis, new LookupSettings(known, known));
    Limits limits = edge.orchestrator.limits();
    // Several of a repository at once, so that the later asks while the earlier has its worker.
    edge.orchestrator.limits(limits.with(new Limits.Capacity(100, 0, 0, 1_000)));
  }

  @AfterEach
  void stop() {
    edge.close();
    registry.close();
  }

  private SimulatedAgent ours(String where, String... tags) {
    SimulatedAgent agent = SimulatedAgent.ours(edge.channel());
    agent.register(edge.launchedFor(where, tags).token());
    return agent;
  }

  private static String ask(SimulatedAgent agent) {
    CachedTagRequest question =
        CachedTagRequest.newBuilder().setJobJwt(agent.jobToken()).setBaseImageName("b").build();
    return agent.calls().determineCachedTag(question).getCachedTag();
  }

  private void complete(String where, String... tags) {
    ours(where, tags).enter(UNPACKING, PULLING, BUILDING, PUSHING, COMPLETE);
  }

  @Test
  void itIsTheFirstOfTheBuildsTagsThatTheRegistryHas() {
    registry.with(REPOSITORY + ":main").with(REPOSITORY + ":latest");
    assertThat(ask(ours(registry.address(), "v7", "main", "latest"))).isEqualTo("main");
  }

  @Test
  void elseItIsTheNewestThatAFinishedBuildHasPutAndThatIsStillThere() {
    complete(registry.address(), "v1");
    complete(registry.address(), "v2");
    registry.with(REPOSITORY + ":v1");
    assertThat(ask(ours(registry.address(), "v3"))).isEqualTo("v1");
    registry.with(REPOSITORY + ":v2");
    assertThat(ask(ours(registry.address(), "v3", "v4"))).isEqualTo("v2");
  }

  @Test
  void whereTheRegistryHasNoneThereIsNone() {
    complete(registry.address(), "v1");
    assertThat(ask(ours(registry.address(), "v2"))).isEmpty();
  }

  @Test
  void whereNobodyCanLookOursIsToldTheNewestAndQuaysNone() {
    complete("elsewhere.example", "v1");
    complete("other.example", "v2");
    assertThat(ask(ours("elsewhere.example", "v3", "v4"))).isEqualTo("v1");

    SimulatedAgent quays = SimulatedAgent.quays(edge.channel());
    quays.register(edge.launchedFor("elsewhere.example", "v3", "v5").token());
    assertThat(ask(quays)).as("it fails when the tag is not there").isEmpty();
  }

  @Test
  void aRegistryThatIsDownHoldsNobodyUp() {
    complete(registry.address(), "v1");
    registry.close();
    assertThat(ask(ours(registry.address(), "v2", "v3"))).isEqualTo("v1");
  }

  @Test
  void quaysWorkerIsGivenTheTokenToPullItWith() throws Exception {
    registry.with(REPOSITORY + ":main").mood(TestRegistry.Mood.BASIC);
    EdgeFixture.Launched launched = edge.launchedFor(registry.address(), "main", "v1");
    QuayPlan smooth = QuayPlan.smooth(edge::channel, launched.token());
    try (SimulatedQuayBuilder builder = SimulatedQuayBuilder.start(smooth)) {
      assertThat(builder.awaitExit()).isZero();
      assertThat(builder.transcript().of("SetPhase"))
          .as("a third PULLING says that it pulls the tag")
          .filteredOn(said -> said.contains("PULLING"))
          .hasSize(3);
    }
    assertThat(registry.heard()).anyMatch(said -> said.endsWith(" $token:canary-push-token"));
  }

  @Test
  void whoHasNoTokenIsToldNothing() {
    SimulatedAgent stranger = SimulatedAgent.ours(edge.channel()).withJobToken("JOB-JWT-1");
    assertThatThrownBy(() -> ask(stranger))
        .hasMessageContaining(Status.Code.UNAUTHENTICATED.name());
  }
}
