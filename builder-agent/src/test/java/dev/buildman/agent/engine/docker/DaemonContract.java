package dev.buildman.agent.engine.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.RunContract;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.testing.ContainerDaemon;
import dev.buildman.proto.agent.FailureCode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What both kinds of daemons do, with real RUN steps. */
abstract class DaemonContract extends RunContract {

  /** The daemon that the engine under test builds with. */
  protected abstract ContainerDaemon daemon();

  /** Whether the command of a RUN ends when the connection is closed. */
  protected boolean endsItsCommands() {
    return true;
  }

  protected final String everything() throws Exception {
    return daemon().client("images", "--all", "--quiet", "--no-trunc").text()
        + daemon().client("ps", "--all", "--quiet").text();
  }

  @Test
  void worksHere() throws Exception {
    assertThat(engine().check()).isEqualTo(EngineCheck.able());
  }

  @Test
  void anInterruptionEndsACommandAndLeavesNothing() throws Exception {
    ImageReference base = busybox();
    String before = everything();
    file("Dockerfile", "FROM " + base + "\nRUN true\nRUN echo begun; sleep 19; echo over\n");
    BuildRequest request = request(BuildOptions.DEFAULTS, fresh("never"));
    interruptWhenBegun(request);

    if (endsItsCommands()) {
      await().untilAsserted(() -> assertThat(sleepers("19")).isEmpty());
    }
    assertThat(leftAfter(before)).isEmpty();
    assertThat(request.workDir()).doesNotExist();
  }

  /** Commands that sleep for so many seconds, on this machine. */
  protected static List<String> sleepers(String seconds) {
    return ProcessHandle.allProcesses()
        .map(process -> process.info().commandLine().orElse(""))
        .filter(line -> line.contains("sleep " + seconds) && !line.contains("dockerfile"))
        .toList();
  }

  /** Images and containers that were not there before; the base image stays for the next build. */
  protected final List<String> leftAfter(String before) throws Exception {
    List<String> known = before.lines().toList();
    String base =
        daemon().client("images", "--quiet", "--no-trunc", "--filter", "dangling=false").text();
    return everything().lines().filter(id -> !known.contains(id) && !base.contains(id)).toList();
  }

  @Test
  void leavesNothingOfItsOwnAndTakesNothingOfOthers() throws Exception {
    ImageReference base = busybox();
    file("Dockerfile", "FROM " + base + "\nRUN echo shared > /a\nRUN echo more > /b\n");
    daemon().client("pull", base.toString());
    ContainerDaemon.Answer other =
        daemon().client("build", "-t", "localhost/other:1", context.toString());
    assertThat(other.exit()).as(other.text()).isZero();
    String before = everything();

    run(request(BuildOptions.DEFAULTS, fresh("cached")), ALWAYS);
    file("Dockerfile", "FROM " + base + "\nRUN echo shared > /a\nRUN echo own > /b\n");
    run(request(BuildOptions.DEFAULTS, fresh("own")), ALWAYS);

    assertThat(leftAfter(before)).isEmpty();
    assertThat(before.lines()).allMatch(everything()::contains);
    assertThat(daemon().client("images", "localhost/other:1", "--quiet").text()).isNotBlank();
  }

  @Test
  void keepsTheLayersOfTheBaseImageAsTheyAre() throws Exception {
    ImageReference base = busybox();
    PulledImage image = image("FROM " + base + "\nRUN echo new > /new\n");

    assertThat(image.manifest().layers().getFirst().digest())
        .isEqualTo(PulledImage.pull(base).manifest().layers().getFirst().digest());
    assertThat(log.text()).contains("Mounted from " + base.repository().path());
  }

  @Test
  void sendsOnlyWhatTheRegistryHasNot() throws Exception {
    ImageReference base = busybox();
    ImageReference tag = fresh("again");
    file("big", "0123456789".repeat(1000));
    file("Dockerfile", "FROM " + base + "\nCOPY big /big\nRUN echo one > /x\n");
    run(request(BuildOptions.DEFAULTS, tag), ALWAYS);
    List<String> first = layers(tag);
    file("Dockerfile", "FROM " + base + "\nCOPY big /big\nRUN echo two > /x\n");
    run(request(BuildOptions.DEFAULTS, tag), ALWAYS);

    assertThat(layers(tag).subList(0, 1)).isEqualTo(first.subList(0, 1));
    assertThat(PulledImage.pull(tag).text("x")).isEqualTo("two\n");
  }

  private static List<String> layers(ImageReference tag) throws Exception {
    return PulledImage.pull(tag).manifest().layers().stream()
        .map(layer -> layer.digest().toString())
        .toList();
  }

  @Test
  void runsHereDocuments() throws Exception {
    ImageReference base = busybox();
    PulledImage image =
        image(
            """
            FROM %s
            ARG WHO=world
            RUN <<SCRIPT
            set -e
            echo "hello $WHO" > /one
            SCRIPT
            """
                .formatted(base));
    assertThat(image.text("one")).isEqualTo("hello world\n");

    EngineFailure failure = failureOf("FROM " + base + "\nRUN <<E\necho \"a\": b\nexit 7\nE\n");
    assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR);
    assertThat(failure.line()).isEqualTo(2);
    assertThat(failure.exitCode()).isEqualTo(7);
  }

  @Test
  void buildsWithALimitOfMemory() throws Exception {
    ImageReference base = busybox();
    PulledImage image =
        image(
            "FROM " + base + "\nRUN echo made > /made\n",
            new BuildOptions(
                Map.of(),
                Map.of(),
                null,
                false,
                null,
                List.of(),
                new RunInputs(Map.of(), Map.of(), 500, 64 << 20),
                BuildOptions.DEFAULTS.cache()));
    assertThat(image.text("made")).isEqualTo("made\n");
  }

  @Test
  void keepsAnIgnoredDockerfileAndTheContextsOwnFilesApart() throws Exception {
    file("a", "a");
    file(".dockerignore", "Dockerfile\n");
    PulledImage image = image("FROM scratch\nCOPY . /\n");
    assertThat(image.text("a")).isEqualTo("a");
    assertThat(image.files())
        .doesNotContainKey("Dockerfile")
        .doesNotContainKey(".dockerfile.buildman");
  }

  @Test
  void pushesTheSameImageToSeveralRepositories() throws Exception {
    ImageReference base = fresh("base");
    TestImages.push(base, "{}", List.of(List.of(TestImages.Item.file("kept", "kept"))));
    file("Dockerfile", "FROM " + base + "\nCOPY Dockerfile /d\n");
    ImageReference one = fresh("one");
    ImageReference two = fresh("two");
    PushResult result = run(request(BuildOptions.DEFAULTS, one, two), ALWAYS);

    assertThat(served(one)).isEqualTo(served(two));
    assertThat(result.digests()).containsExactly(served(one).orElseThrow().toString());
  }
}
