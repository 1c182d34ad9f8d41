package dev.buildman.agent.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.RecordingLog;
import dev.buildman.proto.agent.FailureCode;
import org.junit.jupiter.api.Test;

/** Conversations as Docker 20.10 and Podman 4.3 had them. */
class BuildMessagesTest {
  private final RecordingLog log = new RecordingLog();

  private BuildMessages messages(String dockerfile) throws Exception {
    BuildPlan plan = BuildPlan.of(Dockerfile.parse(dockerfile), BuildOptions.DEFAULTS);
    return new BuildMessages(plan.instructions(), log);
  }

  private static void say(BuildMessages messages, String... lines) throws Exception {
    JsonMapper json = JsonMapper.builder().build();
    for (String line : lines) {
      messages.accept(json.readTree(line));
    }
  }

  @Test
  void dockersWordsBecomeStepsAndOnlyWhatItMadeIsNoted() throws Exception {
    BuildMessages messages = messages("FROM bb:1\nARG A=1\nRUN echo hi $A\n");
    say(
        messages,
        "{\"stream\":\"Step 1/4 : FROM bb:1\"}",
        "{\"stream\":\"\\n\"}",
        "{\"stream\":\" ---\\u003e ff9d1f8ece21\\n\"}",
        "{\"stream\":\"Step 2/4 : ARG A=1\"}",
        "{\"stream\":\"\\n\"}",
        "{\"stream\":\" ---\\u003e Using cache\\n\"}",
        "{\"stream\":\" ---\\u003e 28f1fe9320ac\\n\"}",
        "{\"stream\":\"Step 3/4 : RUN echo hi $A\"}",
        "{\"stream\":\"\\n\"}",
        "{\"stream\":\" ---\\u003e Running in b58c9623950e\\n\"}",
        "{\"stream\":\"hi 1\\n\"}",
        "{\"stream\":\"\\u001b[91merr\\n\\u001b[0m\"}",
        "{\"stream\":\"Removing intermediate container b58c9623950e\\n\"}",
        "{\"stream\":\" ---\\u003e 63b95a39e453\\n\"}",
        "{\"stream\":\"Step 4/4 : LABEL commit=abc\"}",
        "{\"stream\":\" ---\\u003e a9911d968d05\\n\"}",
        "{\"aux\":{\"ID\":\"sha256:a9911d968d057703d60a03724c4729a051d095c14ac2ef202f08ec4516db402d\"}}",
        "{\"stream\":\"Successfully built a9911d968d05\\n\"}");

    assertThat(messages.imageId()).startsWith("sha256:a9911d968d05");
    assertThat(messages.madeImages()).containsExactly("a9911d968d05", "63b95a39e453");
    assertThat(messages.containers()).containsExactly("b58c9623950e");
    assertThat(log.lines())
        .startsWith("Step 1/3 : FROM bb:1", " ---> ff9d1f8ece21\n", "Step 2/3 : ARG A=1")
        .contains("Step 3/3 : RUN echo hi $A", "hi 1\n", "Step 4/4 : LABEL commit=abc\n")
        .doesNotContain("\n");
  }

  @Test
  void podmansWordsBecomeTheSameSteps() throws Exception {
    BuildMessages messages = messages("FROM bb:1\nRUN echo hi && exit 7\n");
    say(
        messages,
        "{\"stream\":\"STEP 1/2: FROM bb:1\\n\"}",
        "{\"stream\":\"STEP 2/2: RUN echo hi \\u0026\\u0026 exit 7\\n\"}",
        "{\"stream\":\"hi\\n\"}",
        "{\"errorDetail\":{\"message\":\"building at STEP \\\"RUN echo hi \\u0026\\u0026 exit"
            + " 7\\\": while running runtime: exit status 7\\n"
            + "\"},\"error\":\"x\"}");

    EngineFailure failure = catchThrowableOfType(EngineFailure.class, messages::imageId);
    assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR);
    assertThat(failure.exitCode()).isEqualTo(7);
    assertThat(failure.line()).isEqualTo(2);
    assertThat(log.lines()).contains("Step 2/2 : RUN echo hi && exit 7");
  }

  @Test
  void aCommandsExitIsTheUsersAndAFullDiskThePlatforms() throws Exception {
    BuildMessages failing = messages("FROM bb:1\nRUN false\n");
    say(
        failing,
        "{\"stream\":\"Step 2/2 : RUN false\"}",
        "{\"errorDetail\":{\"code\":1,\"message\":\"returned a non-zero code:"
            + " 1\"},\"error\":\"x\"}");
    assertThat(catchThrowableOfType(EngineFailure.class, failing::imageId).code())
        .isEqualTo(FailureCode.BUILD_ERROR);

    BuildMessages full = messages("FROM bb:1\nCOPY a /\n");
    say(
        full,
        "{\"stream\":\"Step 2/2 : COPY a /\"}",
        "{\"errorDetail\":{\"message\":\"write /a: no space left on device\"},\"error\":\"x\"}");
    assertThat(catchThrowableOfType(EngineFailure.class, full::imageId).code())
        .isEqualTo(FailureCode.BUILD_RUN_ERROR);
  }

  @Test
  void anAnswerThatEndsWithoutAnImageIsTheDaemonsFault() throws Exception {
    BuildMessages cut = messages("FROM bb:1\n");
    say(cut, "{\"stream\":\"Step 1/1 : FROM bb:1\"}");
    assertThat(catchThrowableOfType(EngineFailure.class, cut::imageId).code())
        .isEqualTo(FailureCode.DOCKER_CONNECT_ERROR);
  }
}
