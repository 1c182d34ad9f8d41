package dev.buildman.agent.engine.buildah;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.RunContract;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real RUN steps, on a base image made of the machine's own busybox. */
@NeedsPrograms({Program.BUILDAH, Program.DOCKER_REGISTRY, Program.BUSYBOX})
class BuildahEngineIT extends RunContract {
  private final Processes processes =
      new Processes(Ticker.system(), Sleeper.system(), new Executables(""), Map.of());

  @Override
  protected BuildEngine engine() {
    return new BuildahEngine(processes, BuildahSettings.defaults(), Sleeper.system());
  }

  @BeforeEach
  void skipWhereBuildahCannotWork() throws Exception {
    if (engine().check() instanceof EngineCheck.Unable(String why, String remedy)) {
      assertThat(System.getProperty("buildman.skips")).as(why).isNotEqualTo("forbidden");
      Assumptions.abort(why + "; " + remedy);
    }
  }

  @Test
  void saysWhichPackageItNeeds() throws Exception {
    BuildEngine bare =
        new BuildahEngine(
            new Processes(Ticker.system(), Sleeper.system(), new Executables(List.of()), Map.of()),
            BuildahSettings.defaults(),
            Sleeper.system());

    assertThat(bare.check())
        .isEqualTo(
            EngineCheck.unable("buildah is not installed", "install the Debian package buildah"));
  }

  @Test
  void refusesABuildahThatIsTooOld() throws Exception {
    Path old = Files.createDirectory(folder.resolve("bin")).resolve("buildah");
    Files.writeString(old, "#!/bin/sh\necho buildah version 1.23.1 '(image-spec 1.0.1)'\n");
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwx------"));
    Executables found = new Executables(List.of(old.resolveSibling(".").normalize()));
    BuildEngine engine =
        new BuildahEngine(
            new Processes(Ticker.system(), Sleeper.system(), found, Map.of()),
            BuildahSettings.defaults(),
            Sleeper.system());

    assertThat(engine.check())
        .isInstanceOfSatisfying(
            EngineCheck.Unable.class,
            unable -> assertThat(unable.why()).contains("1.28 or later").contains("1.23.1"));
  }

  @Test
  void anInterruptionEndsACommandAndLeavesNothing() throws Exception {
    ImageReference base = busybox();
    file("Dockerfile", "FROM " + base + "\nRUN echo begun; sleep 61; echo over\n");
    BuildRequest request = request(BuildOptions.DEFAULTS, fresh("never"));
    interruptWhenBegun(request);

    assertThat(request.workDir()).doesNotExist();
    assertThat(ProcessHandle.current().descendants().map(p -> p.info().commandLine().orElse("")))
        .noneMatch(line -> line.contains("sleep 61") || line.contains("buildah"));
  }

  @Test
  void worksOnEitherStorage() throws Exception {
    ImageReference base = busybox();
    file("Dockerfile", "FROM " + base + "\nRUN echo made > /made\n");
    for (String driver : List.of("auto", "vfs")) {
      BuildahSettings settings =
          new BuildahSettings("chroot", driver, Duration.ofMinutes(1), Map.of());
      ImageReference tag = fresh(driver);
      BuildRequest request = request(BuildOptions.DEFAULTS, tag);
      BuildEngine engine = new BuildahEngine(processes, settings, Sleeper.system());
      try (EngineBuild build = engine.open(request, log)) {
        build.pull();
        build.build();
        build.push(ALWAYS);
      }
      assertThat(PulledImage.pull(tag).text("made")).isEqualTo("made\n");
      assertThat(request.workDir()).doesNotExist();
    }
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
            RUN cat <<A > /two && cat <<'B' > /three
            $WHO
            A
            $WHO
            B
            RUN <<PROGRAM
            #!/bin/cat
            itself
            PROGRAM
            """
                .formatted(base));
    assertThat(image.text("one")).isEqualTo("hello world\n");
    assertThat(image.text("two")).isEqualTo("world\n");
    assertThat(image.text("three")).isEqualTo("$WHO\n");
    assertThat(log.text()).contains("itself");

    EngineFailure failure = failureOf("FROM " + base + "\nRUN <<E\necho \"a\": b\nexit 7\nE\n");
    assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR);
    assertThat(failure.line()).isEqualTo(2);
    assertThat(failure.exitCode()).isEqualTo(7);
  }

  @Test
  void saysWhatItCannotDoWithItsLine() throws Exception {
    assertThat(lack("FROM scratch AS a\nFROM scratch\nCOPY --link --from=a --parents x/y /\n"))
        .isEqualTo("Dockerfile line 3: buildah does not know --parents with --from");
    assertThat(lack("FROM scratch\nADD --checksum=sha256:0 http://h/x /\n"))
        .isEqualTo("Dockerfile line 2: buildah does not know --checksum of ADD");
    assertThat(lack("FROM scratch\nRUN --mount=type=secret,id=a,env=A true\n"))
        .startsWith("Dockerfile line 2: buildah does not know secrets in variables");
    assertThat(lack("FROM --platform=linux/s390x a/b\nUSER 1\nRUN true\n"))
        .startsWith("Dockerfile line 3: RUN for linux/s390x needs an emulator")
        .contains("qemu-user-static");
  }

  private String lack(String dockerfile) throws Exception {
    EngineCheck check = engine().canBuild(Dockerfile.parse(dockerfile), BuildOptions.DEFAULTS);
    return check instanceof EngineCheck.Unable(String why, String _) ? why : "";
  }
}
