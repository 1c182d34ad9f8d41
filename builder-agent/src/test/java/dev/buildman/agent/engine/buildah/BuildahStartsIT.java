package dev.buildman.agent.engine.buildah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFixture;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.engine.TestImages.Item;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A build starts buildah as often as it must, seen by a program that stands before the real one.
 */
@NeedsPrograms({Program.BUILDAH, Program.DOCKER_REGISTRY})
class BuildahStartsIT extends EngineFixture {
  private Path bin = Path.of("");
  private Path starts = Path.of("");
  private BuildEngine engine = engine();

  @Override
  protected BuildEngine engine() {
    Executables found =
        new Executables(List.of(bin, Path.of("/usr/local/bin"), Path.of("/usr/bin")));
    return new BuildahEngine(
        new Processes(Ticker.system(), Sleeper.system(), found, Map.of()),
        BuildahSettings.defaults(),
        Sleeper.system());
  }

  @BeforeEach
  void standBeforeBuildah() throws Exception {
    bin = Files.createDirectory(folder.resolve("bin"));
    starts = Files.createFile(folder.resolve("starts"));
    before("");
    // In a namespace of its own it would be looked for in the usual folders.
    program("unshare", "exit 1");
    engine = engine();
    if (engine.check() instanceof EngineCheck.Unable(String why, String remedy)) {
      assertThat(System.getProperty("buildman.skips")).as(why).isNotEqualTo("forbidden");
      Assumptions.abort(why + "; " + remedy);
    }
    Files.writeString(starts, "");
  }

  /** What is done before each start of the real one; the arguments are there. */
  private void before(String deed) throws IOException {
    program(
        "buildah",
        "echo \"$*\" >> %s\n%s\nexec %s \"$@\"".formatted(starts, deed, Program.BUILDAH.path()));
  }

  private void program(String name, String script) throws IOException {
    Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  private List<String> commands() throws IOException {
    return Files.readAllLines(starts).stream()
        .flatMap(line -> List.of(line.split(" ", -1)).stream().filter(w -> !w.startsWith("--r")))
        .filter(List.of("--version", "images", "pull", "tag", "build", "push", "umount")::contains)
        .toList();
  }

  private ImageReference base(String text) throws Exception {
    ImageReference base = fresh("base");
    push(base, text);
    return base;
  }

  private static void push(ImageReference base, String text) throws Exception {
    TestImages.push(base, "{}", List.of(List.of(Item.file("of-base", text))));
  }

  private List<BaseImage> build(ImageReference tag) throws Exception {
    try (EngineBuild build = engine.open(request(BuildOptions.DEFAULTS, tag), log)) {
      List<BaseImage> bases = build.pull();
      build.build();
      build.push(ALWAYS);
      return bases;
    }
  }

  @Test
  void aBuildPullsBuildsAndPushesAndNothingElse() throws Exception {
    file("Dockerfile", "FROM " + base("first") + "\nCOPY Dockerfile /\n");

    build(fresh("image"));

    assertThat(commands()).containsExactly("pull", "build", "push");
  }

  @Test
  void whatWasResolvedIsBuiltOnThoughItsTagMovesBeforeItIsPulled() throws Exception {
    ImageReference base = base("first");
    String resolved = served(base).orElseThrow().toString();
    file("Dockerfile", "FROM " + base + "\nCOPY Dockerfile /\n");
    Path pulling = folder.resolve("pulling");
    Path moved = folder.resolve("moved");
    before(
        "case \"$*\" in *pull*) touch %1$s; while [ ! -e %2$s ]; do sleep 0.05; done ;; esac"
            .formatted(pulling, moved));
    CompletableFuture<Void> mover =
        CompletableFuture.runAsync(
            () -> {
              await().until(() -> Files.exists(pulling));
              moveTo(base, moved);
            },
            task -> Thread.ofPlatform().daemon().start(task));

    ImageReference tag = fresh("image");
    List<BaseImage> bases = build(tag);

    mover.join();
    assertThat(bases).singleElement().extracting(BaseImage::digest).isEqualTo(resolved);
    assertThat(PulledImage.pull(tag).text("of-base")).isEqualTo("first");
    assertThat(commands()).containsExactly("pull", "pull", "tag", "build", "push");
  }

  private static void moveTo(ImageReference base, Path moved) {
    try {
      push(base, "second");
      Files.createFile(moved);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void storageThatDoesNotWorkHereIsLeftWhenTheFirstCommandFails() throws Exception {
    before(
        "case \"$*\" in *--storage-driver=overlay*)"
            + " echo 'Error: kernel does not support overlay fs' >&2; exit 125 ;; esac");
    file("Dockerfile", "FROM " + base("first") + "\nCOPY Dockerfile /\n");
    ImageReference tag = fresh("image");

    build(tag);

    assertThat(PulledImage.pull(tag).text("of-base")).isEqualTo("first");
    assertThat(commands()).containsExactly("pull", "images", "pull", "build", "push");
    assertThat(log.text()).doesNotContain("does not support");

    file("Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
    Files.writeString(starts, "");
    build(fresh("image"));
    assertThat(commands()).containsExactly("images", "build", "push");
    assertThat(log.text()).doesNotContain("does not support");
  }

  @Test
  void anImageThatCannotBePulledIsNamedWithBuildahsWords() throws Exception {
    before("case \"$*\" in *pull*) echo 'Error: no space left on device' >&2; exit 125 ;; esac");
    ImageReference base = base("first");

    assertThat(failureOf("FROM " + base + "\nCOPY Dockerfile /\n").message())
        .contains(base.repository().path())
        .contains("no space left on device");
    assertThat(commands()).containsSubsequence("pull", "images").doesNotContain("build");
  }
}
