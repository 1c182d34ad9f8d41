package dev.buildman.agent.engine.buildx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.RunContract;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What buildx does with either kind of BuildKit, with real RUN steps. */
abstract class BuildxContract extends RunContract {

  /** The variable that leads to the BuildKit under test. */
  protected abstract Map<String, String> variables();

  @Override
  protected BuildEngine engine() {
    Executables programs = new Executables(System.getProperty("buildman.test.path", ""));
    return new BuildxEngine(
        new Processes(Ticker.system(), Sleeper.system(), programs, Map.of()),
        new BuildxSettings(variables(), Duration.ofMinutes(2)),
        Sleeper.system());
  }

  protected static BuildOptions with(RunInputs run, CacheRefs cache) {
    return new BuildOptions(Map.of(), Map.of(), null, false, null, List.of(), run, cache);
  }

  @Test
  void worksHere() throws Exception {
    assertThat(engine().check()).isEqualTo(EngineCheck.able());
  }

  @Test
  void showsEachInstructionAsTheStepThatItIsInTheFile() throws Exception {
    ImageReference base = busybox();
    file("script", "text\n");
    PulledImage image =
        image(
            """
            FROM %1$s AS build
            ARG WHO=nobody
            ENV X=1
            RUN echo "made for $WHO" > /made && echo to-the-log
            FROM %1$s
            COPY --chmod=711 script /script
            COPY --from=build /made /made
            RUN --mount=type=tmpfs,target=/t cat /made
            """
                .formatted(base),
            options(Map.of("WHO", "a b"), Map.of("commit", "abc"), null));

    assertThat(image.text("made")).isEqualTo("made for a b\n");
    assertThat(image.text("script")).isEqualTo("text\n");
    assertThat(image.files().get("script").mode()).isEqualTo(0711);
    assertThat(image.config().path("Labels").path("commit").asText()).isEqualTo("abc");
    assertThat(log.text()).contains("to-the-log").contains("made for a b");
    assertThat(log.lines())
        .contains(
            "Step 4/8 : RUN echo \"made for $WHO\" > /made && echo to-the-log",
            "Step 8/8 : RUN --mount=type=tmpfs,target=/t cat /made");
  }

  /** Whether this BuildKit can be told the digest of a base image beside its name. */
  protected boolean pins() {
    return true;
  }

  @Test
  void buildsOnTheImageThatItNamedEvenIfTheTagMovesMeanwhile() throws Exception {
    Assumptions.assumeTrue(pins(), "this BuildKit goes by tags");
    ImageReference base = fresh("moving");
    TestImages.push(base, "{\"Env\":[\"WAS=first\"]}", List.of());
    file("Dockerfile", "FROM " + base + "\nLABEL a=b\n");
    ImageReference tag = fresh("pinned");
    try (EngineBuild build = engine().open(request(BuildOptions.DEFAULTS, tag), log)) {
      build.pull();
      TestImages.push(base, "{\"Env\":[\"WAS=second\"]}", List.of());
      build.build();
      build.push(ALWAYS);
    }

    assertThat(PulledImage.pull(tag).words("Env")).contains("WAS=first");
  }

  @Test
  void givesSecretsToACommandAndToNothingElse() throws Exception {
    ImageReference base = busybox();
    RunInputs inputs =
        new RunInputs(Map.of("word", "hush-hush".getBytes(StandardCharsets.UTF_8)), Map.of(), 0, 0);
    file(
        "Dockerfile",
        "FROM "
            + base
            + "\n"
            + "RUN --mount=type=secret,id=word,required=true wc -c < /run/secrets/word >"
            + " /length\n");
    ImageReference tag = fresh("secret");
    BuildRequest request = request(with(inputs, CacheRefs.NONE), tag);
    run(request, ALWAYS);

    PulledImage image = PulledImage.pull(tag);
    assertThat(image.text("length")).isEqualToIgnoringWhitespace("9");
    assertThat(image.json().toString() + image.files() + log.text()).doesNotContain("hush-hush");
    assertThat(request.workDir()).doesNotExist();
  }

  @Test
  void anInterruptionEndsACommandAndLeavesNothing() throws Exception {
    ImageReference base = busybox();
    file("Dockerfile", "FROM " + base + "\nRUN echo begun; sleep 6171; echo over\n");
    BuildRequest request = request(BuildOptions.DEFAULTS, fresh("never"));
    interruptWhenBegun(request);

    await()
        .untilAsserted(
            () ->
                assertThat(ProcessHandle.allProcesses())
                    .noneMatch(p -> p.info().commandLine().orElse("").contains("sleep 6171")));
    assertThat(request.workDir()).doesNotExist();
  }
}
