package dev.buildman.agent.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.agent.compression.Compression;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.EngineContract;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.engine.TestImages.Item;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.io.ByteArrayInputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

/** The contract, and what this engine promises beyond it. */
class EmbeddedEngineIT extends EngineContract {

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private final BuildEngine engine = new EmbeddedEngine(InstantSource.fixed(NOW), Sleeper.system());

  @Override
  protected BuildEngine engine() {
    return engine;
  }

  private static final List<List<Item>> LAYERS =
      List.of(
          List.of(
              Item.folder("usr"),
              Item.folder("usr/bin"),
              Item.file("usr/bin/tool", "tool").mode(04755),
              Item.hardLink("usr/bin/alias", "usr/bin/tool"),
              Item.link("bin", "usr/bin"),
              Item.folder("etc"),
              Item.file("etc/passwd", "root:x:0:0::/:\napp:x:1001:1002::/:\n"),
              Item.file("etc/group", "root:x:0:\nstaff:x:50:\n"),
              Item.file("etc/gone", "gone"),
              Item.folder("cache"),
              Item.file("cache/old", "old")),
          List.of(
              Item.file("etc/.wh.gone", ""),
              Item.file("cache/.wh..wh..opq", ""),
              Item.file("cache/new", "new")));

  private ImageReference base() throws Exception {
    ImageReference base = fresh("base");
    TestImages.push(base, "{}", LAYERS);
    return base;
  }

  @Test
  void neverPacksTheLayersOfTheBaseAgain() throws Exception {
    ImageReference base = fresh("base");
    Manifest manifest = TestImages.push(base, "{}", LAYERS);
    file("a", "a");
    PulledImage image = image("FROM " + base + "\nCOPY a /a\n");
    assertThat(image.manifest().layers().subList(0, 2))
        .extracting("digest")
        .containsExactlyElementsOf(
            manifest.layers().stream().map(layer -> layer.digest()).toList());
    assertThat(image.manifest().layers())
        .hasSize(3)
        .allMatch(layer -> layer.mediaType().equals(MediaTypes.DOCKER_LAYER_GZIP));
    assertThat(image.manifest().mediaType()).isEqualTo(MediaTypes.DOCKER_MANIFEST);
    assertThat(log.text()).contains("Mounted from " + base.repository().path());
  }

  @Test
  void fetchesNoLayerWhenOnlyMetadataChanges() throws Exception {
    image("FROM " + base() + "\nENV a=b\n");
    assertThat(log.text()).doesNotContain("Pull complete");
  }

  @Test
  void followsLinksOfTheBaseSoThatTheyAreNotReplaced() throws Exception {
    file("x", "x");
    PulledImage image = image("FROM " + base() + "\nCOPY x /bin/\nCOPY x /bin/y\n");
    assertThat(image.files().get("bin").target()).isEqualTo("usr/bin");
    assertThat(image.text("usr/bin/x")).isEqualTo("x");
    assertThat(image.text("usr/bin/y")).isEqualTo("x");
  }

  @Test
  void copiesFromAnImageWithItsOwnersModesHardLinksAndWithoutWhatIsHidden() throws Exception {
    ImageReference base = base();
    PulledImage image =
        image(
            "FROM scratch\nCOPY --from="
                + base
                + " / /all/\nCOPY --from="
                + base
                + " /bin/tool /t\n");
    assertThat(image.files())
        .containsKeys("all/cache/new", "all/etc/passwd", "all/bin")
        .doesNotContainKeys("all/etc/gone", "all/cache/old");
    assertThat(image.files().get("all/usr/bin/tool").type()).isEqualTo('1');
    assertThat(image.files().get("all/usr/bin/tool").target()).isEqualTo("all/usr/bin/alias");
    assertThat(image.text("all/usr/bin/tool")).isEqualTo("tool");
    assertThat(image.files().get("all/usr/bin/alias").mode()).isEqualTo(04755);
    assertThat(image.text("t")).isEqualTo("tool");
  }

  /** As containers/image and BuildKit push them when they are told to. */
  @Test
  void readsLayersThatArePackedWithZstd() throws Exception {
    ImageReference base = fresh("zstd");
    Manifest manifest = TestImages.push(base, "{}", LAYERS, Compression.ZSTD);
    ImageReference tag = fresh("image");
    file("Dockerfile", "FROM " + base + "\nCOPY --from=" + base + " /bin/tool /t\n");
    run(request(BuildOptions.DEFAULTS, tag), ALWAYS);

    try (RegistryClient client =
        new RegistryClient(RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system())) {
      Manifest made = client.manifest(tag);
      assertThat(made.layers().subList(0, 2))
          .extracting(Descriptor::digest)
          .containsExactlyElementsOf(manifest.layers().stream().map(Descriptor::digest).toList());
      // Docker's form of a manifest knows no zstd.
      assertThat(made.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
      assertThat(made.layers())
          .extracting(Descriptor::mediaType)
          .containsExactly(
              MediaTypes.OCI_LAYER_ZSTD, MediaTypes.OCI_LAYER_ZSTD, MediaTypes.OCI_LAYER_GZIP);
      byte[] layer = client.readBlob(tag.repository(), made.layers().getLast(), 1 << 20);
      byte[] tar = new GZIPInputStream(new ByteArrayInputStream(layer)).readAllBytes();
      assertThat(new String(tar, StandardCharsets.ISO_8859_1)).startsWith("t\0").contains("tool");
    }
  }

  @Test
  void looksUpNamesOfOwnersInTheImage() throws Exception {
    file("a", "a");
    PulledImage image =
        image(
            "FROM "
                + base()
                + "\n"
                + "COPY --chown=app a /1\n"
                + "COPY --chown=app:staff a /2\n"
                + "COPY --chown=7 a /new/3\n");
    assertThat(image.files().get("1").owner()).isEqualTo("1001:1002");
    assertThat(image.files().get("2").owner()).isEqualTo("1001:50");
    assertThat(image.files().get("new/3").owner()).isEqualTo("7:7");
    assertThat(image.files().get("new").owner()).isEqualTo("7:7");
    EngineFailure failure = failureOf("FROM scratch\nCOPY --chown=nobody a /\n");
    assertThat(failure.message()).contains("nobody").contains("/etc/passwd");
  }

  @Test
  void refusesRunWithItsLineAndTheEngineThatCan() throws Exception {
    EngineFailure failure = failureOf("FROM scratch\n\nRUN make\n");
    assertThat(failure.code()).isEqualTo(FailureCode.DOCKERFILE_ISSUE);
    assertThat(failure.message()).contains("line 3").contains("buildah");
  }

  @Test
  void leavesStagesAloneThatItCannotBuildAndNobodyNeeds() throws Exception {
    file("a", "a");
    assertThat(image("FROM scratch AS tests\nRUN make\nFROM scratch\nCOPY a /a\n").text("a"))
        .isEqualTo("a");
  }

  @Test
  void givesTheSameImageForTheSameFilesAndSourceDate() throws Exception {
    BuildOptions dated =
        new BuildOptions(
            Map.of(),
            Map.of(),
            null,
            false,
            Instant.ofEpochSecond(1_700_000_000),
            List.of(),
            RunInputs.NONE,
            CacheRefs.NONE);
    file("b/c", "c");
    file("a", "a");
    String dockerfile = "FROM scratch\nCOPY . /x/\nWORKDIR /y\nCOPY <<E /z\nhi\nE\n";
    Digest first = image(dockerfile, dated).manifest().digest();
    Files.setLastModifiedTime(context.resolve("a"), FileTime.from(NOW));
    Files.setLastModifiedTime(context.resolve("Dockerfile"), FileTime.from(NOW));
    Files.setLastModifiedTime(context.resolve("b"), FileTime.from(NOW));
    assertThat(image(dockerfile, dated).manifest().digest()).isEqualTo(first);
  }

  @Test
  void unpacksArchivesThatAddIsGivenAndCopiesOtherFiles() throws Exception {
    byte[] tar =
        TestImages.tar(
            List.of(Item.folder("d"), Item.file("d/f", "f").mode(0600), Item.link("d/l", "f")));
    Files.write(context.resolve("a.tar"), tar);
    Files.write(context.resolve("a.tgz"), TestImages.gzip(tar));
    Files.write(
        context.resolve("text.gz"), TestImages.gzip("no tar".getBytes(StandardCharsets.UTF_8)));
    file("plain", "plain");
    PulledImage image =
        image(
            "FROM scratch\n"
                + "ADD a.tar /one\n"
                + "ADD a.tgz /two/\n"
                + "ADD text.gz plain /three/\n"
                + "ADD --unpack=false a.tar /four\n");
    assertThat(image.text("one/d/f")).isEqualTo("f");
    assertThat(image.files().get("two/d/f").mode()).isEqualTo(0600);
    assertThat(image.files().get("two/d/l").target()).isEqualTo("f");
    assertThat(image.files()).containsKeys("three/text.gz", "three/plain", "four");
  }

  @Test
  void refusesArchivesThatLeaveTheirFolder() throws Exception {
    Files.write(
        context.resolve("evil.tar"), TestImages.tar(List.of(Item.file("../../evil", "evil"))));
    EngineFailure failure = failureOf("FROM scratch\nADD evil.tar /a/\n");
    assertThat(failure.code()).isEqualTo(FailureCode.BUILD_ERROR);
    assertThat(failure.message()).contains("leads out of it");
    Files.write(
        context.resolve("link.tar"),
        TestImages.tar(List.of(Item.link("out", "/etc"), Item.file("out/file", "inside"))));
    assertThat(image("FROM scratch\nADD link.tar /a/\n").files())
        .containsKeys("a/etc/file")
        .doesNotContainKeys("etc/file");
  }

  @Test
  void putsNoTagWheneverThePermitIsRevoked() throws Exception {
    file("Dockerfile", "FROM " + base() + "\nCOPY Dockerfile /\n");
    int allowed = 0;
    while (true) {
      ImageReference tag = fresh("revoked");
      AtomicInteger asked = new AtomicInteger();
      int limit = allowed++;
      PushPermit permit =
          () -> {
            if (asked.getAndIncrement() >= limit) {
              throw EngineFailure.of(FailureCode.CLIENT_REJECTED_TRANSITION, "the lease is lost");
            }
          };
      try {
        run(request(BuildOptions.DEFAULTS, tag), permit);
      } catch (EngineFailure e) {
        assertThat(served(tag)).isEmpty();
        continue;
      }
      assertThat(served(tag)).isPresent();
      break;
    }
    assertThat(allowed).isGreaterThan(5);
  }

  @Test
  void keepsHealthChecksShellsAndTriggersForLater() throws Exception {
    PulledImage image =
        image(
            """
            FROM scratch
            SHELL ["/bin/bash", "-c"]
            HEALTHCHECK --interval=30s --retries=2 CMD check
            ONBUILD COPY . /app
            MAINTAINER Somebody
            CMD run me
            """);
    assertThat(image.words("Shell")).containsExactly("/bin/bash", "-c");
    assertThat(image.words("Cmd")).containsExactly("/bin/bash", "-c", "run me");
    assertThat(image.words("OnBuild")).containsExactly("COPY . /app");
    assertThat(image.config().path("Healthcheck").toString())
        .isEqualTo("{\"Test\":[\"CMD-SHELL\",\"check\"],\"Interval\":30000000000,\"Retries\":2}");
    assertThat(image.json().path("author").asText()).isEqualTo("Somebody");
    assertThat(image.json().path("created").asText()).isEqualTo(NOW.toString());
  }

  @Test
  void writesFilesThatTheDockerfileBrings() throws Exception {
    PulledImage image =
        image(
            "FROM scratch\n"
                + "ARG N=x\n"
                + "COPY <<one <<\"two\" /d/\n"
                + "$N\n"
                + "one\n"
                + "$N\n"
                + "two\n"
                + "COPY <<EOF /f\n"
                + "f\n"
                + "EOF\n",
            options(Map.of("N", "n"), Map.of(), null));
    assertThat(image.text("d/one")).isEqualTo("n\n");
    assertThat(image.text("d/two")).isEqualTo("$N\n");
    assertThat(image.text("f")).isEqualTo("f\n");
  }

  @Test
  void endsAtOnceWhenItIsCancelledInABigCopy() throws Exception {
    file("Dockerfile", "FROM scratch\nCOPY big /\n");
    try (RandomAccessFile big = new RandomAccessFile(context.resolve("big").toFile(), "rw")) {
      big.setLength(8L << 30);
    }
    BuildRequest request = request(BuildOptions.DEFAULTS, fresh("big"));
    Path layer = request.workDir().resolve("layer.tmp");
    assertEndsOnInterrupt(
        () -> await().until(() -> Files.exists(layer) && Files.size(layer) > 0),
        () -> run(request, ALWAYS));
  }

  @Test
  void leavesNothingInItsFolder() throws Exception {
    file("a", "a");
    image("FROM " + base() + "\nCOPY a /\n");
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> work = files.filter(path -> !path.equals(context)).toList();
      assertThat(work).isNotEmpty().allSatisfy(path -> assertThat(path).isEmptyDirectory());
    }
  }
}
