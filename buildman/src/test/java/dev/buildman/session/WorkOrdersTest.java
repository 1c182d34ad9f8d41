package dev.buildman.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Secret;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Source;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.orchestrator.job.Registered;
import dev.buildman.sources.SourceUrls;
import dev.buildman.token.Grant;
import dev.buildman.token.TokenSettings;
import dev.buildman.token.Tokens;
import dev.buildman.token.Verified;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkOrdersTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final ExecutorName EXECUTOR = new ExecutorName("popen");
  private static final SessionRef SESSION =
      new SessionRef(
          new AttemptId(BuildId.random(), 2), 3, Nonce.of(new ManagerId("m"), 1, new byte[16]));
  private static final Grant.Registration GRANT =
      new Grant.Registration(new JobRef(SESSION.attempt(), SESSION.nonce()), EXECUTOR);
  private static final Credentials OWN = new Credentials("own", Secret.of("own-password"));
  private static final Credentials SHARED = new Credentials("shared", Secret.of("password"));

  private final Tokens tokens =
      new Tokens(new TokenSettings(List.of(Secret.of("key")), "b", "b"), () -> NOW);
  private final SourceUrls urls =
      new SourceUrls(
          URI.create("http://agents:55080"),
          List.of("key".getBytes(StandardCharsets.UTF_8)),
          () -> NOW);

  @Test
  void theJobTokenSpeaksForTheSessionAndForItsKindOfAgent() {
    WorkOrder ours = order(source(), new AgentHello("1.0", "", Set.of()));
    WorkOrder quays = order(source(), new AgentHello("", "", Set.of()));

    assertThat(tokens.job(ours.jobToken()))
        .isEqualTo(new Verified.Valid<>(new Grant.Job(SESSION, EXECUTOR, AgentKind.OURS)));
    assertThat(tokens.job(quays.jobToken()))
        .isEqualTo(new Verified.Valid<>(new Grant.Job(SESSION, EXECUTOR, AgentKind.QUAY)));
  }

  @Test
  void anUploadedSourceStandsAsASignedUrlOfThisAttempt() {
    String digest = "sha256:" + "a".repeat(64);
    WorkOrder order = order(new Source.Uploaded(digest), new AgentHello("1.0", "", Set.of()));

    assertThat(order.source())
        .isInstanceOfSatisfying(
            Source.PackageUrl.class,
            served ->
                assertThat(served.url().reveal())
                    .startsWith("http://agents:55080/sources/" + "a".repeat(64))
                    .contains("build=" + SESSION.build(), "attempt=2", "signature="));
    assertThat(order.packageDigest()).isEqualTo(digest);
  }

  @Test
  void whatIsGivenToEveryBuildIsAddedAndTheBuildsOwnWins() {
    WorkOrder order = order(source(), new AgentHello("1.0", "", Set.of()));

    assertThat(order.spec().buildArgs())
        .containsExactlyInAnyOrderEntriesOf(Map.of("A", "own", "B", "shared"));
    assertThat(order.spec().pull())
        .containsExactlyInAnyOrderEntriesOf(Map.of("one", OWN, "two", SHARED));
    assertThat(order.spec().noCache()).isTrue();
    assertThat(order.insecureRegistries()).containsExactly("plain:5000");
  }

  @Test
  void itsTimeLeftIsThatOfTheBuildsLimit() {
    assertThat(order(source(), new AgentHello("1.0", "", Set.of())).timeLeft())
        .contains(Duration.ofSeconds(90));
  }

  @Test
  void itShowsNoSecret() {
    WorkOrder order = order(source(), new AgentHello("1.0", "", Set.of()));

    assertThat(order.toString()).doesNotContain(order.jobToken()).doesNotContain("password");
  }

  private WorkOrder order(Source source, AgentHello agent) {
    SessionSettings usual = SessionSettings.defaults(new ManagerId("m"));
    var settings =
        new SessionSettings(
            usual.manager(),
            usual.heartbeat(),
            usual.lease(),
            usual.machineMax(),
            usual.logs(),
            new SessionSettings.Additions(
                true,
                Map.of("A", "shared", "B", "shared"),
                Map.of("one", SHARED, "two", SHARED),
                List.of("plain:5000")));
    var spec =
        new BuildSpec(
            RepositoryName.parse("a/b"),
            "registry",
            List.of("latest"),
            source,
            "",
            "",
            Map.of("A", "own"),
            Map.of(),
            "",
            false,
            OWN,
            Map.of("one", OWN),
            EngineNeeds.NONE);
    var registered =
        new Registered(
            SESSION,
            true,
            spec.repository(),
            SealedSpec.of(new byte[0]),
            Optional.of(Duration.ofSeconds(90)));
    return new WorkOrders(tokens, urls, settings, () -> NOW).order(GRANT, agent, registered, spec);
  }

  private static Source source() {
    return new Source.PackageUrl(Secret.of("https://h/p.tar.gz"));
  }
}
