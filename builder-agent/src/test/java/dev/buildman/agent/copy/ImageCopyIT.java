package dev.buildman.agent.copy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.RecordingLog;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.engine.TestImages;
import dev.buildman.agent.engine.TestImages.Item;
import dev.buildman.agent.registry.CredentialStore;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistrySettings;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Between two registries of Docker's. */
@NeedsPrograms(Program.DOCKER_REGISTRY)
class ImageCopyIT {
  private static final Credentials USER =
      new Credentials(DockerRegistry.USER, DockerRegistry.PASSWORD);

  @TempDir Path dir;
  private final RecordingLog log = new RecordingLog();
  private DockerRegistry source;
  private DockerRegistry target;

  @BeforeEach
  void registries() throws Exception {
    source = DockerRegistry.start(Files.createDirectory(dir.resolve("source")));
    target = DockerRegistry.start(Files.createDirectory(dir.resolve("target")));
  }

  @AfterEach
  void stop() throws Exception {
    source.close();
    target.close();
  }

  private ImageReference from(String name) {
    return ImageReference.parse(source.host() + "/" + name);
  }

  private ImageReference to(String name) {
    return ImageReference.parse(target.host() + "/" + name);
  }

  private static Manifest image(ImageReference name, String text) throws Exception {
    return TestImages.push(
        name, "{\"Env\":[\"A=" + text + "\"]}", List.of(List.of(Item.file("file", text))));
  }

  private PushResult copy(ImageReference from, ImageReference... to) throws Exception {
    RegistryAccess open =
        new RegistryAccess(
            CredentialStore.none(), CredentialStore.none(), RegistrySettings.defaults());
    return copy(from, open, to);
  }

  private PushResult copy(ImageReference from, RegistryAccess access, ImageReference... to)
      throws Exception {
    try (ImageCopy copy = new ImageCopy(from, access, Sleeper.system(), log)) {
      return copy.push(copy.read(), List.of(to), () -> {});
    }
  }

  private static RegistryClient client() {
    return new RegistryClient(
        RegistrySettings.defaults(), CredentialStore.none(), Sleeper.system());
  }

  @Test
  void anImageIsCopiedUnderItsOwnDigestToAllTags() throws Exception {
    Manifest made = image(from("a/app:1"), "x");

    PushResult result = copy(from("a/app:1"), to("b/app:1"), to("b/app:latest"));

    assertThat(result.digests()).containsExactly(made.digest().toString());
    assertThat(result.imageId()).isEqualTo(made.config().digest().toString());
    PulledImage copied = PulledImage.pull(to("b/app:latest"));
    assertThat(copied.manifest().bytes()).isEqualTo(made.bytes());
    assertThat(copied.text("file")).isEqualTo("x");
    assertThat(log.text()).contains("Digest: " + made.digest(), "latest: digest: ");
  }

  /** An index of two platforms and an attestation, one of them of an index of its own. */
  @Test
  void anIndexIsCopiedWhole() throws Exception {
    Manifest one = image(from("a/app:one"), "one");
    Manifest two = image(from("a/app:two"), "two");
    Manifest inner = index(from("a/app:inner"), part(two, "arm64"));
    Manifest outer = index(from("a/app:all"), part(one, "amd64"), part(inner, "unknown"));

    PushResult result = copy(from("a/app:all"), to("c/app:all"));

    assertThat(result.digests()).containsExactly(outer.digest().toString());
    try (RegistryClient client = client()) {
      Manifest copied = client.manifest(to("c/app:all"));
      assertThat(copied.bytes()).isEqualTo(outer.bytes());
      for (Manifest below : List.of(one, two, inner)) {
        assertThat(client.manifest(to("c/app").withDigest(below.digest())).bytes())
            .isEqualTo(below.bytes());
      }
      for (Descriptor layer : two.layers()) {
        assertThat(client.hasBlob(to("c/app").repository(), layer.digest())).isTrue();
      }
    }
    assertThat(log.text()).contains("Platforms: linux/amd64, linux/unknown");
  }

  private static String part(Manifest manifest, String architecture) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}"
        .formatted(manifest.mediaType(), manifest.digest(), manifest.bytes().length, architecture);
  }

  private static Manifest index(ImageReference name, String... parts) throws Exception {
    String json =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
            .formatted(MediaTypes.OCI_INDEX, String.join(",", parts));
    Manifest index = Manifest.parse(MediaTypes.OCI_INDEX, json.getBytes(UTF_8));
    try (RegistryClient client = client()) {
      client.putManifest(name, index);
    }
    return index;
  }

  @Test
  void withinARegistryBlobsAreMountedAndNotMoved() throws Exception {
    image(from("a/app:1"), "mounted");

    copy(from("a/app:1"), from("other/app:1"));

    assertThat(PulledImage.pull(from("other/app:1")).text("file")).isEqualTo("mounted");
    assertThat(log.text()).contains("Mounted from a/app").doesNotContain("Pushed ");
  }

  @Test
  void aCopyThatIsThereAlreadyMovesNothing() throws Exception {
    image(from("a/app:1"), "again");
    copy(from("a/app:1"), to("b/app:1"));

    copy(from("a/app:1"), to("b/app:2"));

    assertThat(log.lines()).filteredOn(line -> line.contains("already exists")).hasSize(2);
  }

  @Test
  void eachRegistryGetsItsOwnCredentials() throws Exception {
    Path folder = Files.createDirectory(dir.resolve("locked"));
    try (DockerRegistry locked = DockerRegistry.startWithUser(folder)) {
      image(from("a/app:1"), "locked");
      ImageReference name = ImageReference.parse(locked.host() + "/b/app:1");
      assertThatThrownBy(() -> copy(from("a/app:1"), name))
          .isInstanceOfSatisfying(
              EngineFailure.class, e -> assertThat(e.code()).isEqualTo(FailureCode.PUSH_DENIED));

      RegistryAccess access =
          new RegistryAccess(
              CredentialStore.none(),
              CredentialStore.of(Map.of(locked.host(), USER)),
              RegistrySettings.defaults());
      assertThat(copy(from("a/app:1"), access, name).digests()).hasSize(1);
    }
  }

  @Test
  void anImageThatIsNotThereIsTheOwnersMistake() {
    assertThatThrownBy(() -> copy(from("a/none:1"), to("b/app:1")))
        .isInstanceOfSatisfying(
            EngineFailure.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.CANNOT_PULL_BASE_IMAGE))
        .hasMessageContaining("a/none:1");
  }

  /**
   * The blob is gone from the source's disk: that is no fault of the registry that is pushed to.
   */
  @Test
  void aBlobThatTheSourceCannotGiveIsTheSourcesFault() throws Exception {
    Manifest made = image(from("a/app:1"), "lost");
    String hex = made.layers().getFirst().digest().hex();
    try (Stream<Path> files = Files.walk(dir.resolve("source"))) {
      for (Path data : files.filter(f -> f.endsWith(Path.of(hex, "data"))).toList()) {
        Files.delete(data);
      }
    }

    assertThatThrownBy(() -> copy(from("a/app:1"), to("b/app:1")))
        .isInstanceOfSatisfying(
            EngineFailure.class,
            e -> assertThat(e.code()).isEqualTo(FailureCode.CANNOT_PULL_BASE_IMAGE))
        .hasMessageContaining("pulling blob");
    try (RegistryClient client = client()) {
      assertThat(client.digest(to("b/app:1"))).isEmpty();
    }
  }
}
