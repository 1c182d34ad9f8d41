package dev.buildman.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.proto.agent.FailureCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What every engine keeps to that runs commands, on a base image of the machine's busybox. */
public abstract class RunContract extends EngineContract {

  /** Pushes a base image with a shell, and answers its name. */
  protected static ImageReference busybox() throws Exception {
    ImageReference base = fresh("busybox");
    BusyboxImage.push(base, CredentialStore.none());
    return base;
  }

  /** Begins the Dockerfile's build, and interrupts it when a command has printed {@code begun}. */
  protected void interruptWhenBegun(BuildRequest request) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Thread.ofVirtual()
        .start(
            () -> {
              // Not the step's own words, which come before the command runs.
              await().until(() -> log.text().lines().anyMatch(line -> line.endsWith("begun")));
              begun.countDown();
            });
    assertEndsOnInterrupt(begun::await, () -> run(request, ALWAYS));
  }

  @Test
  void runsCommandsInSeveralStagesWithArgumentsAndLabels() throws Exception {
    ImageReference base = busybox();
    PulledImage image =
        image(
            """
            ARG BASE
            FROM ${BASE} AS build
            ARG WHO=nobody
            RUN echo "made for $WHO" > /made && \\
                echo to-the-log
            FROM scratch AS unused
            COPY no-such-file /
            FROM ${BASE}
            COPY --from=build /made /made
            RUN ["cat", "/made"]
            HEALTHCHECK --interval=5s CMD ["true"]
            """,
            options(Map.of("BASE", base.toString(), "WHO", "a b"), Map.of("commit", "abc"), null));

    assertThat(image.text("made")).isEqualTo("made for a b\n");
    assertThat(image.config().path("Labels").path("commit").asText()).isEqualTo("abc");
    assertThat(image.config().path("Healthcheck").isObject()).isTrue();
    assertThat(image.files().keySet()).noneMatch(name -> name.contains("docker"));
    assertThat(log.text()).contains("to-the-log").contains("made for a b");
    assertThat(log.lines())
        .anyMatch(line -> line.startsWith("Step 3/7 : RUN echo \"made for $WHO\" > /made &&"))
        .contains("Step 6/7 : RUN [\"cat\", \"/made\"]");
  }

  /** Programs begin their last words as buildah does its own, and end in the same moment. */
  @Test
  void showsAtItsStepWhatACommandSaysInItsLastMoment() throws Exception {
    StringBuilder dockerfile = new StringBuilder("FROM " + busybox() + "\n");
    List<String> expected = new ArrayList<>();
    for (int i = 1; i <= 5; i++) {
      String run = "RUN (echo 'Error: no " + i + "'; echo after " + i + ") >&2";
      dockerfile.append(run).append('\n');
      expected.addAll(List.of("Step " + (i + 1) + "/6 : " + run, "Error: no " + i, "after " + i));
    }

    image(dockerfile.toString());

    assertThat(
            log.text()
                // Docker's builder shows in red what comes by this channel.
                .replaceAll("\u001B\\[\\d*m", "")
                .lines()
                .filter(
                    l -> l.startsWith("Step ") || l.startsWith("Error") || l.startsWith("after"))
                .skip(1))
        .containsExactlyElementsOf(expected);
  }

  @Test
  void namesTheStepTheLineAndTheStatusOfACommandThatFails() throws Exception {
    ImageReference base = busybox();

    EngineFailure failure =
        failureOf("FROM " + base + "\nRUN echo fine\n\n# why\nRUN echo \"oops\" >&2; exit 3\n");

    assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR);
    assertThat(failure.step()).isEqualTo("RUN echo \"oops\" >&2; exit 3");
    assertThat(failure.line()).isEqualTo(5);
    assertThat(failure.exitCode()).isEqualTo(3);
    assertThat(log.text()).contains("oops");
  }

  @Test
  void resolvesTheBaseImageBeforeItBuildsAndTellsItsDigest() throws Exception {
    ImageReference base = busybox();
    Digest digest = served(base).orElseThrow();
    file("Dockerfile", "FROM " + base + "\nRUN true > /x\n");
    BuildRequest request = request(BuildOptions.DEFAULTS, fresh("based"));
    try (EngineBuild build = engine().open(request, log)) {
      List<BaseImage> pulled = build.pull();
      assertThat(pulled)
          .singleElement()
          .satisfies(image -> assertThat(image.digest()).isEqualTo(digest.toString()))
          .satisfies(image -> assertThat(image.reference()).isEqualTo(base.toString()));
      assertThat(build.build().layers()).isEqualTo(2);
    }
    assertThat(log.text()).contains("Digest: " + digest);
    assertThat(request.workDir()).doesNotExist();
  }
}
