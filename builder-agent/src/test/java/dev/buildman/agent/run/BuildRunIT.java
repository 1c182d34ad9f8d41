package dev.buildman.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.engine.TestImages.Item;
import dev.buildman.agent.link.TestManager;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.run.FakeEngine.Step;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.BuildResult;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.FailureCode;
import dev.buildman.proto.agent.Limits;
import dev.buildman.proto.agent.Phase;
import dev.buildman.proto.agent.SetPhaseRequest.PullMetadata;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run does, reports and asks for. */
final class BuildRunIT extends BuildRunFixture {
  @Test
  void aBuildGoesThroughItsPhasesAndReportsWhatItPushed() throws Exception {
    assertThat(outcome(start(PACK))).isEqualTo(Outcome.COMPLETE);

    assertThat(manager.phases())
        .containsExactly(
            Phase.UNPACKING, Phase.PULLING, Phase.BUILDING, Phase.PUSHING, Phase.COMPLETE);
    assertThat(manager.lastPhase().getResult().getPeak().getMemoryBytes()).isPositive();
    assertThat(manager.lastPhase().getResult().toBuilder().clearPeak().build())
        .isEqualTo(
            BuildResult.newBuilder()
                .setImageId("sha256:cc")
                .addDigests("sha256:dd")
                .setSizeBytes(42)
                .setResolvedBaseImage("quay.io/base/image:1@sha256:aa")
                .build());
    assertThat(manager.phaseRequests().get(1).getPullMetadata())
        .isEqualTo(
            PullMetadata.newBuilder()
                .setRegistryUrl("quay.io")
                .setBaseImage("quay.io/base/image")
                .setBaseImageTag("1")
                .build());
    assertThat(engine.closed).hasValue(1);
  }

  @Test
  void theEngineIsAskedForWhatTheClientAskedFor() throws Exception {
    outcome(start(PACK.toBuilder().setTarget("x").putLabels("l", "1").setNoCache(true).build()));

    assertThat(engine.request.tags())
        .map(Object::toString)
        .containsExactly(
            "registry.example:5000/ns/repo:latest", "registry.example:5000/ns/repo:v1");
    assertThat(engine.request.options().target()).isEqualTo("x");
    assertThat(engine.request.options().labels()).containsEntry("l", "1");
    assertThat(engine.request.options().noCache()).isTrue();
    assertThat(engine.request.registries().push().byScope().get("registry.example:5000").username())
        .isEqualTo("$token");
  }

  @Test
  void theTagThatTheManagerNamesIsOfferedToTheEngineAsACache() throws Exception {
    manager = new TestManager(PACK);
    manager.cachedTag("main");
    assertThat(outcome(start(Duration.ofSeconds(30)))).isEqualTo(Outcome.COMPLETE);

    assertThat(engine.primed)
        .extracting(Object::toString)
        .containsExactly("registry.example:5000/ns/repo:main");
    assertThat(manager.cacheQuestions())
        .singleElement()
        .satisfies(
            asked -> {
              assertThat(asked.getJobJwt()).isEqualTo("job-token");
              assertThat(asked.getBaseImageName()).isEqualTo("quay.io/base/image");
              assertThat(asked.getBaseImageTag()).isEqualTo("1");
              assertThat(asked.getBaseImageId()).isEqualTo("sha256:bb");
            });
  }

  @Test
  void noCacheIsAskedForWhereNoneIsWantedOrOfUse() throws Exception {
    engine.gains = false;
    manager = new TestManager(PACK);
    manager.cachedTag("main");
    assertThat(outcome(start(Duration.ofSeconds(30)))).isEqualTo(Outcome.COMPLETE);
    assertThat(manager.cacheQuestions()).isEmpty();
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "no tag/at all"})
  void aManagerThatKnowsNoCacheFailsNoBuild(@Nullable String tag) throws Exception {
    manager = new TestManager(PACK);
    manager.cachedTag(tag);
    assertThat(outcome(start(Duration.ofSeconds(30)))).isEqualTo(Outcome.COMPLETE);
    assertThat(manager.cacheQuestions()).hasSize(1);
    assertThat(engine.primed).isEmpty();
  }

  @Test
  void theLogOfAPhaseIsStoredBeforeTheNextIsEntered() throws Exception {
    engine.hangIn(Step.PUSH);
    CompletableFuture<Outcome> run = start(PACK);
    awaitStep();

    assertThat(manager.logLines().toString())
        .contains("Step 1/1 : RUN something", "building", "Built sha256:cc")
        .doesNotContain("Pushed");
    engine.mayGoOn.countDown();
    outcome(run);
    assertThat(manager.logLines().toString()).contains("Pushed sha256:dd");
  }

  @Test
  void aFailedStepIsReportedWithItsPlaceAndWithoutSecrets() throws Exception {
    engine.failIn(
        Step.BUILD,
        EngineFailure.of(FailureCode.BUILD_ERROR, "the command failed with push-secret")
            .at("RUN something push-secret", 3)
            .withExitCode(2));

    assertThat(outcome(start(PACK))).isEqualTo(Outcome.FAILED);

    assertThat(manager.lastPhase().getPhase()).isEqualTo(Phase.ERROR);
    assertThat(manager.lastPhase().getFailure())
        .isEqualTo(
            Failure.newBuilder()
                .setCode("io.quay.builder.builderror")
                .setMessage("the command failed with ***. It last said: building")
                .setStep("Dockerfile:3 RUN something ***")
                .setExitCode(2)
                .build());
    assertThat(manager.logLines().toString())
        .contains("the command failed with ***")
        .doesNotContain("push-secret");
    assertThat(engine.closed).hasValue(1);
  }

  @Test
  void aFailureIsExplainedWhereWhatWasSaidExplainsIt() throws Exception {
    engine.failIn(
        Step.BUILD,
        EngineFailure.of(FailureCode.BUILD_ERROR, "the command failed: no space left on device")
            .at("RUN something", 3)
            .withExitCode(1));

    assertThat(outcome(start(PACK))).isEqualTo(Outcome.FAILED);

    assertThat(manager.lastPhase().getFailure().getMessage())
        .contains("Likely cause: the worker's disk is full");
    assertThat(manager.logLines().toString())
        .contains(
            "failed at: Dockerfile:3 RUN something",
            "exit status: 1",
            "likely cause: the worker's disk is full");
  }

  @Test
  void anErrorOfTheDockerfileNamesItsLine() throws Exception {
    BuildPack wrong =
        PACK.toBuilder()
            .setInlineDockerfile(ByteString.copyFromUtf8("FROM scratch\nCPOY a b\n"))
            .build();

    assertThat(outcome(start(wrong))).isEqualTo(Outcome.FAILED);
    assertThat(manager.lastPhase().getFailure().getCode())
        .isEqualTo("io.quay.builder.dockerfileissue");
    assertThat(manager.lastPhase().getFailure().getMessage()).contains("line 2", "CPOY");
  }

  @Test
  void whatACopyWouldDropIsRefusedByName() throws Exception {
    BuildPack wrong = PACK.toBuilder().setSourceImage("quay.io/a/b").build();

    assertThat(outcome(start(wrong))).isEqualTo(Outcome.FAILED);
    assertThat(manager.lastPhase().getFailure().getMessage())
        .contains("copied", "inline_dockerfile", "build_args");
  }

  @Test
  @NeedsPrograms(Program.DOCKER_REGISTRY)
  void anImageIsCopiedInsteadOfBuilt(@TempDir Path data) throws Exception {
    try (DockerRegistry registry = DockerRegistry.start(data)) {
      ImageReference source = ImageReference.parse(registry.host() + "/a/app:1");
      Manifest made = TestImages.push(source, "{}", List.of(List.of(Item.file("f", "x"))));
      BuildPack copy =
          BuildPack.newBuilder()
              .setJobJwt("job-token")
              .setBuildId("b-1")
              .setRegistry(registry.host())
              .setRepository("b/app")
              .addTagNames("copied")
              .setSourceImage(source.toString())
              .build();

      assertThat(outcome(start(copy))).isEqualTo(Outcome.COMPLETE);

      assertThat(manager.phases())
          .containsExactly(Phase.UNPACKING, Phase.PULLING, Phase.PUSHING, Phase.COMPLETE);
      assertThat(manager.phaseRequests().get(1).getPullMetadata().getBaseImageTag()).isEqualTo("1");
      BuildResult result = manager.lastPhase().getResult();
      assertThat(result.getDigestsList()).containsExactly(made.digest().toString());
      assertThat(result.getResolvedBaseImage()).endsWith("/a/app@" + made.digest());
    }
  }

  @Test
  void whatIsAskedOfTheEngineReachesIt() throws Exception {
    BuildPack asking =
        PACK.toBuilder()
            .addPlatforms("linux/arm64")
            .addPlatforms("linux/amd64")
            .putSecrets("id", ByteString.copyFromUtf8("canary"))
            .putSshKeys("default", ByteString.copyFromUtf8("key"))
            .addCacheRefs("ns/cache")
            .addCacheTo("quay.example/ns/cache:main")
            .setRunLimits(Limits.newBuilder().setCpuMillis(500).setMemoryBytes(1 << 30))
            .build();

    assertThat(outcome(start(asking))).isEqualTo(Outcome.COMPLETE);
    BuildOptions options = engine.request.options();
    assertThat(options.platforms())
        .map(Object::toString)
        .containsExactly("linux/arm64", "linux/amd64");
    assertThat(options.run().secrets().get("id")).asString().isEqualTo("canary");
    assertThat(options.run().sshKeys().get("default")).asString().isEqualTo("key");
    assertThat(options.run().cpuMillis()).isEqualTo(500);
    assertThat(options.run().memoryBytes()).isEqualTo(1 << 30);
    assertThat(options.cache().from())
        .as("a name without a registry is in that of the build")
        .map(Object::toString)
        .containsExactly("registry.example:5000/ns/cache:latest");
    assertThat(options.cache().to())
        .map(Object::toString)
        .containsExactly("quay.example/ns/cache:main");
  }

  @Test
  void quaysManagerIsAsGood() throws Exception {
    BuildPack quays =
        PACK.toBuilder()
            .clearBuildId()
            .clearHeartbeatSeconds()
            .clearInlineDockerfile()
            .setPackageUrl("data:text/plain;base64,RlJPTSBzY3JhdGNoCg==")
            .build();

    assertThat(outcome(start(quays))).isEqualTo(Outcome.COMPLETE);
    assertThat(manager.maxBatch()).isEqualTo(1);
    assertThat(manager.phases()).last().isEqualTo(Phase.COMPLETE);
  }
}
