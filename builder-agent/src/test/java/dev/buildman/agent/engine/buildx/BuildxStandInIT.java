package dev.buildman.agent.engine.buildx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.BuildContext;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.RecordingLog;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What buildx is told, by a program in its place that keeps what it was told. */
class BuildxStandInIT {
  private static final ImageReference CACHE = ImageReference.parse("quay.example/a/cache:1");

  @TempDir Path folder;
  private final RecordingLog log = new RecordingLog();
  private Path told = Path.of("");
  private Path context = Path.of("");

  @BeforeEach
  void makeContext() throws IOException {
    told = Files.createDirectory(folder.resolve("told"));
    context = Files.createDirectory(folder.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nARG A\nCOPY Dockerfile /\n");
  }

  /** Says this version, keeps arguments, environment and private files, and ends so. */
  private BuildEngine engine(String version, String whatItBuilds) throws IOException {
    // Looked at first, so that a real one of the machine does not come between.
    Path bin = Files.createDirectories(folder.resolve("docker/cli-plugins"));
    Path program = bin.resolve("docker-buildx");
    Files.writeString(
        program,
        """
        #!/bin/sh
        case $1 in
          version) echo "github.com/docker/buildx %s abc"; exit ;;
          inspect) echo "Status: running"; exit ;;
          create) printf '%%s\\n' "$@" > %2$s/create; exit ;;
        esac
        printf '%%s\\n' "$@" > %2$s/arguments
        env > %2$s/environment
        cp "$DOCKER_CONFIG/config.json" %2$s/
        cat private-* > %2$s/private 2>/dev/null
        stat -c %%a private-* "$DOCKER_CONFIG/config.json" > %2$s/modes 2>/dev/null
        %3$s
        """
            .formatted(version, told, whatItBuilds));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    return new BuildxEngine(
        new Processes(Ticker.system(), Sleeper.system(), new Executables(""), Map.of()),
        new BuildxSettings(
            Map.of(
                "BUILDKIT_HOST",
                "unix:///run/buildkit.sock",
                "DOCKER_CONFIG",
                bin.getParent().toString()),
            Duration.ofSeconds(20)),
        Sleeper.system());
  }

  /** Writes an image of one layer as BuildKit does, and tells where a build finds it. */
  private String layout() throws IOException {
    Path layout = Files.createDirectories(folder.resolve("layout/blobs/sha256"));
    String config = "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[]}}";
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
            + blob(layout, config, "application/vnd.oci.image.config.v1+json")
            + ",\"layers\":[]}";
    Files.writeString(
        layout.resolve("../../index.json").normalize(),
        "{\"manifests\":["
            + blob(layout, manifest, "application/vnd.oci.image.manifest.v1+json")
            + "]}");
    return "cp -r " + folder.resolve("layout") + " image";
  }

  private static String blob(Path folder, String text, String type) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.of(bytes);
    Files.write(folder.resolve(digest.hex()), bytes);
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(type, digest, bytes.length);
  }

  private BuildRequest request() throws IOException {
    RunInputs inputs =
        new RunInputs(
            Map.of("word", "hush".getBytes(StandardCharsets.UTF_8)),
            Map.of("default", "a-key".getBytes(StandardCharsets.UTF_8)),
            0,
            0);
    BuildOptions options =
        new BuildOptions(
            Map.of("A", "argument-value", "PATH", "kept-apart"),
            Map.of("commit", "abc"),
            null,
            true,
            null,
            List.of(Platform.parse("linux/arm64")),
            inputs,
            new CacheRefs(List.of(CACHE), List.of(CACHE)));
    CredentialStore store =
        CredentialStore.of(Map.of("quay.example", new Credentials("me", "my-password")));
    return new BuildRequest(
        new BuildContext(context, context.resolve("Dockerfile")),
        options,
        List.of(ImageReference.parse("127.0.0.1:1/a/b:1")),
        new RegistryAccess(store, CredentialStore.none(), RegistrySettings.defaults()),
        Files.createDirectory(folder.resolve("work")));
  }

  @Test
  void nothingPrivateIsAWordOfTheCommandLine() throws Exception {
    BuildEngine engine = engine("v0.29.1", layout());
    BuildRequest request = request();
    try (EngineBuild build = engine.open(request, log)) {
      build.pull();
      assertThat(build.build().imageId()).startsWith("sha256:");
    }

    List<String> arguments = Files.readAllLines(told.resolve("arguments"));
    assertThat(arguments)
        .startsWith("build", "--builder", "buildman", "--progress=rawjson")
        .contains(
            "--build-arg=A",
            "--build-arg=PATH=kept-apart",
            "--label=commit=abc",
            "--no-cache",
            "--platform=linux/arm64",
            "--cache-from=type=registry,ref=" + CACHE,
            "--output=type=oci,tar=false,dest=" + request.workDir().resolve("image"))
        .endsWith("--", context.toString())
        .noneMatch(word -> word.matches(".*(hush|a-key|my-password|argument-value).*"));
    assertThat(Files.readString(told.resolve("environment")))
        .contains("A=argument-value\n")
        .contains("BUILDX_GIT_INFO=0\n")
        .doesNotContain("PATH=kept-apart");
    assertThat(Files.readString(told.resolve("private"))).contains("hush").contains("a-key");
    assertThat(Files.readString(told.resolve("config.json"))).contains("quay.example");
    assertThat(Files.readAllLines(told.resolve("modes"))).hasSize(3).containsOnly("600");
    assertThat(Files.readAllLines(told.resolve("create")))
        .containsSequence("--driver", "remote", "unix:///run/buildkit.sock");
    assertThat(request.workDir()).doesNotExist();
  }

  @Test
  void whatBuildxSaysBecomesTheFailure() throws Exception {
    String words =
        """
        cat >&2 <<'END'
        {"vertexes":[{"digest":"sha256:1","name":"[1/1] COPY Dockerfile /","started":"2026-11-21T11:57:02Z"}]}
        {"vertexes":[{"digest":"sha256:1","name":"[1/1] COPY Dockerfile /","error":"\\"/Dockerfile\\": not found"}]}
        ERROR: failed to build: failed to solve: "/Dockerfile": not found
        END
        exit 1
        """;
    try (EngineBuild build = engine("v0.29.1", words).open(request(), log)) {
      EngineFailure failure = catchThrowableOfType(EngineFailure.class, build::build);
      assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR);
      assertThat(failure.line()).isEqualTo(3);
    }
    assertThat(log.lines()).contains("Step 3/3 : COPY Dockerfile /");
  }

  @Test
  void aBuildxThatIsTooOldOrMissingIsSaidSo() throws Exception {
    assertThat(engine("v0.12.1", "").check())
        .isInstanceOfSatisfying(
            EngineCheck.Unable.class,
            unable -> assertThat(unable.why()).contains("0.13 or later").contains("0.12.1"));
    assertThat(engine("v0.13.1", "").check()).isEqualTo(EngineCheck.able());
    assertThat(engine("v0.13.1", "").abilities())
        .contains(Ability.SECRETS, Ability.SSH_KEYS, Ability.PLATFORMS, Ability.CACHE_TO)
        .doesNotContain(Ability.RUN_LIMITS);

    Processes bare =
        new Processes(Ticker.system(), Sleeper.system(), new Executables(List.of()), Map.of());
    Assumptions.assumeTrue(Plugin.find(Map.of(), bare).isEmpty(), "buildx is a plug-in here");
    BuildxSettings settings = new BuildxSettings(Map.of(), Duration.ofSeconds(9));
    BuildEngine missing = new BuildxEngine(bare, settings, Sleeper.system());
    assertThat(missing.abilities()).isEmpty();
    assertThat(missing.check())
        .isInstanceOfSatisfying(
            EngineCheck.Unable.class,
            unable -> assertThat(unable.remedy()).contains("package docker-buildx"));
  }
}
