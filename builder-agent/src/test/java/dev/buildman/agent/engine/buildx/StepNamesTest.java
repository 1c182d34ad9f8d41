package dev.buildman.agent.engine.buildx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.RecordingLog;
import dev.buildman.agent.process.Channel;
import dev.buildman.proto.agent.FailureCode;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StepNamesTest {
  private static final String FILE =
      """
      FROM base AS build
      ENV A=1
      RUN make $A
      FROM scratch AS unused
      COPY nothing /
      FROM build
      WORKDIR /srv
      COPY --from=build /out /out
      """;

  private final RecordingLog log = new RecordingLog();

  private static StepNames names(String text, String... pinned) throws Exception {
    BuildPlan plan = BuildPlan.of(Dockerfile.parse(text), BuildOptions.DEFAULTS);
    return new StepNames(plan.graph(), plan.instructions(), Set.of(pinned));
  }

  /** As BuildKit 0.26 counts them; others may leave FROM out of the total too. */
  @Test
  void anImageThatIsNamedByItsDigestIsNoStep() throws Exception {
    StepNames names =
        names("FROM base\nRUN one\nRUN two\nFROM scratch\nCOPY --from=0 a /\n", "base");
    assertThat(names.find("[stage-0 1/3] RUN one").line()).isEqualTo(2);
    assertThat(names.find("[stage-0 2/3] RUN two").line()).isEqualTo(3);
    assertThat(names.find("[stage-0 2/2] RUN two").line()).isEqualTo(3);
    assertThat(names.find("[stage-0 3/3] RUN three")).isNull();
    assertThat(names.find("[stage-1 1/1] COPY --from=0 a /").line()).isEqualTo(5);
  }

  @Test
  void aNameOfBuildKitsLeadsToTheInstructionOfTheFile() throws Exception {
    StepNames names = names(FILE);
    assertThat(names.find("[build 2/2] RUN make 1").text()).isEqualTo("RUN make $A");
    assertThat(names.find("[build 1/2] FROM docker.io/library/base@sha256:0").line()).isEqualTo(1);
    assertThat(names.find("[stage-2 2/2] COPY --from=build /out /out").line()).isEqualTo(8);
    assertThat(names.find("[linux/arm64 stage-2 1/2] WORKDIR /srv").line()).isEqualTo(7);
    assertThat(names.number(names.find("[build 2/2] RUN make 1"))).isEqualTo(3);
    assertThat(names.total()).isEqualTo(6);
    assertThat(names("FROM scratch\nCOPY a /\n").find("[1/1] COPY a /").line()).isEqualTo(2);
  }

  @Test
  void whatBuildKitDoesBesideIsNoInstruction() throws Exception {
    StepNames names = names(FILE);
    for (String name :
        new String[] {
          "[internal] load .dockerignore",
          "[build 3/2] RUN more",
          "[build 2/7] RUN with triggers",
          "[other 1/1] RUN x",
          "exporting to oci image format",
          "[auth] a/b:pull token for quay.io"
        }) {
      assertThat(names.find(name)).as(name).isNull();
    }
  }

  /** As recorded from buildx 0.29 with BuildKit 0.26. */
  @Test
  void progressBecomesStepsOutputAndAFailureWithItsPlace() throws Exception {
    Progress progress = new Progress(names(FILE), log);
    say(progress, vertex("sha256:1", "[internal] load build definition", ""));
    say(progress, vertex("sha256:2", "[build 2/2] RUN make 1", ",\"cached\":true"));
    say(progress, vertex("sha256:3", "[stage-2 2/2] COPY --from=build /out /out", ""));
    say(progress, output("sha256:2", "late\n"));
    say(progress, output("sha256:3", "here\n"));
    say(
        progress,
        "{\"statuses\":[{\"id\":\"sha256:0123456789abcdef\",\"vertex\":\"sha256:9\",\"name\":\"downloading\",\"current\":5,\"total\":10}]}");
    say(
        progress,
        "{\"vertexes\":[{\"digest\":\"sha256:3\",\"name\":\"[stage-2 2/2] COPY --from=build /out"
            + " /out\",\"error\":\"\\\"/out\\\": not found\"}]}");
    say(progress, "Dockerfile:8");
    say(progress, "ERROR: failed to build: failed to solve: \"/out\": not found");

    assertThat(log.lines())
        .containsExactly(
            "Step 3/6 : RUN make $A",
            " ---> Using cache\n",
            "Step 6/6 : COPY --from=build /out /out",
            "[build 2/2] late\n",
            "here\n",
            "0123456789ab: Downloading 5/10",
            "Dockerfile:8\n");
    EngineFailure failure = progress.failure("exit status 1");
    assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR);
    assertThat(failure.line()).isEqualTo(8);
    assertThat(failure.message())
        .isEqualTo("the step COPY --from=build /out /out (line 8) failed: \"/out\": not found");
  }

  @Test
  void aFailureIsTheUsersOrThePlatforms() throws Exception {
    assertThat(
            failure(
                "failed to solve: process \"/bin/sh -c x\" did not complete successfully: exit"
                    + " code: 127"))
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR))
        .satisfies(failure -> assertThat(failure.exitCode()).isEqualTo(0));
    assertThat(failure("error reading from server: EOF").code())
        .isEqualTo(FailureCode.DOCKER_CONNECT_ERROR);
    assertThat(failure("failed to solve: write /x: no space left on device").code())
        .isEqualTo(FailureCode.BUILD_RUN_ERROR);
    assertThat(failure("dockerfile parse error on line 3: unknown instruction: X").code())
        .isEqualTo(FailureCode.DOCKERFILE_ISSUE);
    assertThat(failure("failed to resolve source metadata for quay.io/a/b:1: 404").code())
        .isEqualTo(FailureCode.CANNOT_PULL_BASE_IMAGE);
  }

  private static EngineFailure failure(String words) {
    return new BuildxFailure(words, null).failure();
  }

  private static void say(Progress progress, String line) {
    progress.accept(Channel.STDERR, line);
  }

  private static String vertex(String id, String name, String more) {
    return "{\"vertexes\":[{\"digest\":\"%s\",\"name\":\"%s\",\"started\":\"2026-11-21T11:56:33Z\"%s}]}"
        .formatted(id, name, more);
  }

  private static String output(String id, String text) {
    String data = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    return "{\"logs\":[{\"vertex\":\"%s\",\"stream\":1,\"data\":\"%s\"}]}".formatted(id, data);
  }
}
