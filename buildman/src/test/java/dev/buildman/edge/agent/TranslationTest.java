package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.AgentKind;
import dev.buildman.model.BuildSpec;
import dev.buildman.model.Credentials;
import dev.buildman.model.EngineNeeds;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Secret;
import dev.buildman.model.Source;
import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.BuildResult;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.session.AgentHello;
import dev.buildman.session.PhaseReport;
import dev.buildman.session.WorkOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TranslationTest {
  private static final Credentials TOKEN = new Credentials("$token", Secret.of("push"));
  private static final byte[] BINARY = {0, (byte) 0xff, 'a', (byte) 0xc3};
  private static final Source ARCHIVE = new Source.PackageUrl(Secret.of("https://h/p.tar.gz"));

  @Test
  void quaysWorkerFindsAllItNeedsInItsOwnFields() {
    BuildPack pack =
        Packs.of(
            order(spec(ARCHIVE, "ctx", "", TOKEN, Map.of("r.example", credentials("u", "p")))));

    assertThat(pack.getJobJwt()).isEqualTo("JWT");
    assertThat(pack.getPackageUrl()).isEqualTo("https://h/p.tar.gz");
    assertThat(pack.getContext()).isEqualTo("ctx");
    assertThat(pack.getDockerfilePath()).isEqualTo("ctx/Dockerfile");
    assertThat(pack.getRepository()).isEqualTo("a/b");
    assertThat(pack.getRegistry()).isEqualTo("r.example");
    assertThat(pack.getPushToken()).isEqualTo("push");
    assertThat(pack.getTagNamesList()).containsExactly("latest", "v1");
    assertThat(pack.getBaseImage().getUsername()).isEqualTo("u");
    assertThat(pack.getBaseImage().getPassword()).isEqualTo("p");
  }

  @Test
  void ourAgentFindsTheRestBeside() {
    BuildPack pack =
        Packs.of(
            order(
                spec(
                    ARCHIVE,
                    "",
                    "sub/My.Dockerfile",
                    credentials("robot", "secret"),
                    Map.of("other.example", credentials("x", "y")))));

    assertThat(pack.getDockerfilePath()).isEqualTo("sub/My.Dockerfile");
    assertThat(pack.getPushUsername()).isEqualTo("robot");
    assertThat(pack.hasBaseImage()).isFalse();
    assertThat(pack.getRegistryAuthMap().get("other.example").getPassword()).isEqualTo("y");
    assertThat(pack.getBuildArgsMap()).containsExactly(Map.entry("A", "1"));
    assertThat(pack.getLabelsMap()).containsExactly(Map.entry("l", "2"));
    assertThat(pack.getTarget()).isEqualTo("stage");
    assertThat(pack.getNoCache()).isTrue();
    assertThat(pack.getAttempt()).isEqualTo(2);
    assertThat(pack.getBuildId()).isEqualTo("11111111-2222-3333-4444-555555555555");
    assertThat(pack.getTimeoutSeconds()).as("rounded up").isEqualTo(91);
    assertThat(pack.getHeartbeatSeconds()).isEqualTo(2);
    assertThat(pack.getLeaseSeconds()).isEqualTo(60);
    assertThat(pack.getInsecureRegistriesList()).containsExactly("r.example");
    assertThat(pack.getPackageDigest()).isEqualTo("sha256:abc");
    assertThat(pack.getPlatformsList()).containsExactly("linux/arm64");
    assertThat(pack.getSecretsMap().get("netrc").toByteArray()).isEqualTo(BINARY);
    assertThat(pack.getSshKeysMap().get("default").toStringUtf8()).isEqualTo("KEY");
    assertThat(pack.getCacheRefsList()).containsExactly("a/from");
    assertThat(pack.getCacheToList()).containsExactly("a/to");
    assertThat(pack.getRunLimits().getCpuMillis()).isEqualTo(500);
    assertThat(pack.getRunLimits().getMemoryBytes()).isEqualTo(1 << 30);
  }

  @Test
  void everySourceHasItsField() {
    var git = new Source.Git("git@h:a.git", "main", Secret.of("KEY"), Secret.of("tok"));
    BuildPack.GitPackage asked =
        Packs.of(order(spec(git, "", "", TOKEN, Map.of()))).getGitPackage();
    assertThat(asked.getUrl()).isEqualTo("git@h:a.git");
    assertThat(asked.getSha()).isEqualTo("main");
    assertThat(asked.getPrivateKey()).as("OpenSSH wants the newline").isEqualTo("KEY\n");
    assertThat(asked.getToken()).isEqualTo("tok");
    assertThat(asked.getSubmodules()).isTrue();
    var strict =
        new Source.Git(
            "git@h:a.git", "", Secret.NONE, Secret.NONE, new Source.GitTrust("h k v", false));
    asked = Packs.of(order(spec(strict, "", "", TOKEN, Map.of()))).getGitPackage();
    assertThat(asked.getSubmodules()).isFalse();
    assertThat(asked.getKnownHosts()).isEqualTo("h k v");

    BuildPack copy = Packs.of(order(spec(new Source.Image("a/b:1"), "", "", TOKEN, Map.of())));
    assertThat(copy.getSourceImage()).isEqualTo("a/b:1");
    BuildPack inline =
        Packs.of(order(spec(new Source.Inline("FROM scratch"), "", "", TOKEN, Map.of())));
    assertThat(inline.getInlineDockerfile().toStringUtf8()).isEqualTo("FROM scratch");
  }

  @ParameterizedTest
  @CsvSource({
    "gitfailure, true, GIT_FAILED",
    "gitcheckout, true, GIT_REF_NOT_FOUND",
    "cannotextractbuildpack, true, SOURCE_INVALID",
    "dockerfileissue, true, DOCKERFILE_INVALID",
    "cannotpullbaseimage, true, BASE_IMAGE_UNAVAILABLE",
    "builderror, true, BUILD_FAILED",
    "clientrejectedtransition, true, AGENT_FAILED",
    "buildpackissue, false, SOURCE_UNAVAILABLE",
    "cannotpullforcache, false, AGENT_FAILED",
    "internalerror, false, AGENT_FAILED",
    "buildrunerror, false, AGENT_FAILED",
    "tagissue, false, PUSH_FAILED",
    "pushissue, false, PUSH_FAILED",
    "pushdenied, true, PUSH_DENIED",
    "pushquota, true, REGISTRY_QUOTA",
    "tagimmutable, true, TAG_IMMUTABLE",
    "pushrejected, true, PUSH_REJECTED",
    "dockerconnecterror, false, AGENT_FAILED",
    "missingorinvalidargument, false, AGENT_FAILED",
    "cachelookupissue, false, AGENT_FAILED",
    "errorduringphasetransition, false, AGENT_FAILED",
    "never-heard-of, false, AGENT_FAILED",
  })
  void aFailureCodeSaysWhoseFaultItIs(String name, boolean usersFault, Reason reason) {
    for (String code : List.of("io.quay.builder." + name, name)) {
      PhaseReport.Failure failure = Failures.of(Failure.newBuilder().setCode(code).build());
      assertThat(failure.usersFault()).isEqualTo(usersFault);
      assertThat(failure.reason()).isEqualTo(reason);
    }
  }

  @Test
  void aFailureIsToldWithItsPlaceAndItsStatus() {
    assertThat(
            Failures.of(
                    Failure.newBuilder()
                        .setCode("io.quay.builder.builderror")
                        .setStep("Dockerfile:12 RUN make")
                        .setMessage("no rule to make target\n")
                        .setExitCode(2)
                        .build())
                .sentence())
        .isEqualTo(
            "A step of the build failed. Dockerfile:12 RUN make: no rule to make target"
                + " (exit status 2)");
  }

  @ParameterizedTest
  @EnumSource(names = {"UNPACKING", "PULLING", "BUILDING", "PUSHING"})
  void aPhaseIsEntered(dev.buildman.proto.agent.Phase phase) {
    SetPhaseRequest request =
        SetPhaseRequest.newBuilder()
            .setSequenceNumber(3)
            .setPhase(phase)
            .setPullMetadata(
                SetPhaseRequest.PullMetadata.newBuilder().setRegistryUrl("r").setBaseImage("i"))
            .build();

    assertThat(Reports.of(request))
        .hasValue(
            new PhaseReport(
                3,
                new PhaseReport.Step.Enters(
                    Phase.valueOf(phase.name()), new PhaseReport.PullMetadata("r", "i", "", ""))));
  }

  @Test
  void noAgentSetsWaitingOrAPhaseThatIsUnknown() {
    assertThat(Reports.of(SetPhaseRequest.newBuilder().setSequenceNumber(1).build())).isEmpty();
    assertThat(Reports.of(SetPhaseRequest.newBuilder().setPhaseValue(77).build())).isEmpty();
  }

  @Test
  void anErrorWithoutAWordIsThePlatforms() {
    PhaseReport report =
        Reports.of(
                SetPhaseRequest.newBuilder()
                    .setSequenceNumber(4)
                    .setPhase(dev.buildman.proto.agent.Phase.ERROR)
                    .build())
            .orElseThrow();

    assertThat(report.step())
        .isInstanceOfSatisfying(
            PhaseReport.Step.Fails.class,
            fails -> assertThat(fails.failure().usersFault()).isFalse());
  }

  @Test
  void whatAnAgentSaysIsCutDownToWhatMayBeShown() {
    AgentHello hello =
        Distrust.hello(
            BuildJobArgs.newBuilder()
                .setAgentVersion("1.0\u001b[31m")
                .setHostname("x".repeat(10_000))
                .addCapabilities("build_args")
                .addCapabilities("two words")
                .addCapabilities("y".repeat(100))
                .build());
    assertThat(hello.version()).isEqualTo("1.0[31m");
    assertThat(hello.hostname()).hasSize(255);
    assertThat(hello.capabilities()).containsExactly("build_args");

    assertThat(Distrust.hello(BuildJobArgs.newBuilder().setAgentVersion("\u0001").build()).kind())
        .as("whoever sends a version is not Quay's")
        .isEqualTo(AgentKind.OURS);
    assertThat(Distrust.hello(BuildJobArgs.getDefaultInstance()).kind()).isEqualTo(AgentKind.QUAY);

    String digest = "sha256:" + "a".repeat(64);
    dev.buildman.model.BuildResult result =
        Distrust.result(
            BuildResult.newBuilder()
                .setImageId("nonsense")
                .addDigests(digest)
                .addDigests("two words")
                .setSizeBytes(-4)
                .build());
    assertThat(result.imageId()).isEmpty();
    assertThat(result.digests()).containsExactly(digest);
    assertThat(result.sizeBytes()).isZero();
    assertThat(Distrust.message("a\nb\u001b[0m")).isEqualTo("a b [0m");
  }

  private static WorkOrder order(BuildSpec spec) {
    return new WorkOrder(
        Grants.session(1),
        AgentKind.OURS,
        "JWT",
        spec,
        spec.source(),
        "sha256:abc",
        Optional.of(Duration.ofMillis(90_001)),
        Duration.ofSeconds(2),
        Duration.ofSeconds(60),
        List.of("r.example"));
  }

  private static BuildSpec spec(
      Source source,
      String context,
      String dockerfile,
      Credentials push,
      Map<String, Credentials> pull) {
    return new BuildSpec(
        RepositoryName.parse("a/b"),
        "r.example",
        List.of("latest", "v1"),
        source,
        context,
        dockerfile,
        Map.of("A", "1"),
        Map.of("l", "2"),
        "stage",
        true,
        push,
        pull,
        new EngineNeeds(
            List.of("linux/arm64"),
            Map.of("netrc", Secret.ofBytes(BINARY)),
            Map.of("default", Secret.of("KEY")),
            new EngineNeeds.Cache(List.of("a/from"), List.of("a/to")),
            new EngineNeeds.RunLimits(500, 1 << 30)));
  }

  private static Credentials credentials(String user, String password) {
    return new Credentials(user, Secret.of(password));
  }
}
