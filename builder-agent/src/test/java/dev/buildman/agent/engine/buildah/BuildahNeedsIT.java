package dev.buildman.agent.engine.buildah;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BusyboxImage;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineFixture;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What a build may ask of buildah beside its Dockerfile. */
@NeedsPrograms({Program.BUILDAH, Program.DOCKER_REGISTRY, Program.BUSYBOX})
final class BuildahNeedsIT extends EngineFixture {
  private static final String CANARY = "canary-91c2";

  @Override
  protected BuildEngine engine() {
    return new BuildahEngine(
        new Processes(Ticker.system(), Sleeper.system(), new Executables(""), Map.of()),
        BuildahSettings.defaults(),
        Sleeper.system());
  }

  private static ImageReference busybox() throws Exception {
    ImageReference base = fresh("busybox");
    BusyboxImage.push(base, CredentialStore.none());
    return base;
  }

  private static BuildOptions options(List<Platform> platforms, RunInputs run, CacheRefs cache) {
    return new BuildOptions(
        Map.of("CANARY_ARG", CANARY + "-arg", "PATH_ARG", "x", "GO_CANARY", CANARY + "-go"),
        Map.of(),
        null,
        false,
        null,
        platforms,
        run,
        cache);
  }

  @Test
  void takesStepsOfAnEarlierBuildOutOfTheRegistry() throws Exception {
    ImageReference base = busybox();
    ImageReference cache = fresh("cache");
    BuildOptions cached =
        options(List.of(), RunInputs.NONE, new CacheRefs(List.of(cache), List.of(cache)));
    String dockerfile = "FROM " + base + "\nRUN echo slow > /made\nRUN echo more > /more\n";

    image(dockerfile, cached.withLabels(Map.of(), Instant.EPOCH));
    assertThat(log.text()).doesNotContain("Using cache");
    int before = log.text().length();
    PulledImage again =
        image(dockerfile, cached.withLabels(Map.of(), Instant.EPOCH.plusSeconds(1)));

    assertThat(again.text("made")).isEqualTo("slow\n");
    assertThat(again.config().path("Labels").path(BuildOptions.CREATED).asText())
        .isEqualTo("1970-01-01T00:00:01Z");
    // The time is no step: it would be one that no cache ever has, and goes into.
    assertThat(log.text().substring(before))
        .contains("Cache pulled from remote", "Using cache")
        .doesNotContain("STEP LABEL", "Cache pushed");
  }

  /** What the tag has is neither packed nor sent: the export claims to have it. */
  @Test
  void takesLayersThatCameOutAgainAsTheTagHasThem() throws Exception {
    ImageReference base = busybox();
    ImageReference cache = fresh("cache");
    ImageReference tag = fresh("again");
    BuildOptions cached =
        options(List.of(), RunInputs.NONE, new CacheRefs(List.of(cache), List.of(cache)));
    file("Dockerfile", "FROM " + base + "\nRUN head -c 300000 /dev/urandom > /made\n");
    run(request(cached, tag), ALWAYS);
    PulledImage first = PulledImage.pull(tag);
    ImageReference other = ImageReference.parse(tag.repository() + "-other:1");

    try (EngineBuild build = engine().open(request(cached, tag, other), log)) {
      build.pull();
      build.build();
      try (Stream<Path> files = Files.walk(folder)) {
        assertThat(files.filter(file -> file.toString().contains("/export/")))
            .isNotEmpty()
            .allMatch(file -> file.toFile().length() < 300_000);
      }
      build.push(ALWAYS);
    }
    assertThat(PulledImage.pull(tag).text("made")).isEqualTo(first.text("made"));
    assertThat(PulledImage.pull(other).text("made")).isEqualTo(first.text("made"));
  }

  @Test
  void goesOnWithoutACacheThatCannotBeWritten() throws Exception {
    ImageReference away = ImageReference.parse("127.0.0.1:1/no/cache");
    BuildOptions cached =
        options(List.of(), RunInputs.NONE, new CacheRefs(List.of(), List.of(away)));

    PulledImage image = image("FROM " + busybox() + "\nRUN echo made > /made\n", cached);

    assertThat(image.text("made")).isEqualTo("made\n");
    assertThat(log.text()).contains("# The cache cannot be used");
  }

  @Test
  void showsNoArgumentAndNoSecretInTheListOfProcesses() throws Exception {
    ImageReference base = busybox();
    byte[] secret = (CANARY + "-secret").getBytes(StandardCharsets.UTF_8);
    BuildOptions secrets =
        options(List.of(), new RunInputs(Map.of("s", secret), Map.of(), 0, 0), CacheRefs.NONE);
    file(
        "Dockerfile",
        "FROM "
            + base
            + "\nARG CANARY_ARG\nARG GO_CANARY\nRUN --mount=type=secret,id=s echo ready; sleep 3;"
            + " [ \"$CANARY_ARG$GO_CANARY\" = "
            + "canary\"-91c2-arg\"canary\"-91c2-go\" ] && wc -c < /run/secrets/s > /size\n");
    ImageReference tag = fresh("secret");
    CompletableFuture<String> seen =
        CompletableFuture.supplyAsync(
            () -> {
              await()
                  .atMost(Duration.ofSeconds(50))
                  .untilAsserted(
                      () ->
                          assertThat(log.text().lines()).anyMatch(l -> l.strip().equals("ready")));
              return commandLines();
            },
            // Answers of the JDK's HTTP client pass the common pool: a test must not block it.
            watcher -> Thread.ofPlatform().start(watcher));

    run(request(secrets, tag), ALWAYS);

    assertThat(seen.join()).contains("buildah").doesNotContain(CANARY);
    assertThat(PulledImage.pull(tag).text("size")).isEqualTo("18\n");
  }

  private static String commandLines() {
    StringBuilder all = new StringBuilder();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        Path line = process.resolve("cmdline");
        if (Files.isReadable(line)) {
          all.append(read(line)).append('\n');
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return all.toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void endsWhatTakesMoreMemoryThanItMay() throws Exception {
    Assumptions.assumeTrue(
        engine().abilities().contains(Ability.RUN_LIMITS), "no control groups can be made here");
    BuildOptions limited =
        options(List.of(), new RunInputs(Map.of(), Map.of(), 500, 96L << 20), CacheRefs.NONE);
    file(
        "Dockerfile",
        "FROM " + busybox() + "\nRUN x=0123456789abcdef; while true; do x=$x$x; done\n");

    EngineFailure failure = failureOf(request(limited, fresh("limited")), ALWAYS);

    assertThat(failure.message()).contains("ran out of memory: RUN may use 96 MiB");
    assertThat(failure.line()).isEqualTo(2);
  }

  @Test
  void makesAnIndexOfSeveralPlatforms() throws Exception {
    file("Dockerfile", "FROM scratch\nARG TARGETARCH\nENV ARCH=$TARGETARCH\nCOPY Dockerfile /\n");
    ImageReference tag = fresh("index");
    List<Platform> platforms =
        List.of(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"));

    PushResult pushed =
        run(request(options(platforms, RunInputs.NONE, CacheRefs.NONE), tag), ALWAYS);

    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      Manifest index = client.manifest(tag);
      assertThat(index.images()).map(Descriptor::platform).containsExactlyElementsOf(platforms);
      assertThat(pushed.digests())
          .startsWith(index.digest().toString())
          .hasSize(3)
          .contains(index.images().getLast().digest().toString());
    }
    PulledImage arm = PulledImage.pull(tag.withDigest(served(tag, 1)));
    assertThat(arm.words("Env")).contains("ARCH=arm64");
    assertThat(arm.json().path("architecture").asText()).isEqualTo("arm64");
  }

  private static Digest served(ImageReference index, int image)
      throws IOException, InterruptedException {
    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      return client.manifest(index).images().get(image).digest();
    }
  }
}
