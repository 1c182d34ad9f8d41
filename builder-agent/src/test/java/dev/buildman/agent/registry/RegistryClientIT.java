package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the real registry of the distribution project. */
@NeedsPrograms(Program.DOCKER_REGISTRY)
class RegistryClientIT {
  @TempDir static Path shared;
  @TempDir Path dir;

  private static DockerRegistry registry;

  @BeforeAll
  static void start() throws Exception {
    registry = DockerRegistry.start(shared);
  }

  @AfterAll
  static void stop() throws Exception {
    registry.close();
  }

  private static RegistryClient client(RegistrySettings settings) {
    return new RegistryClient(settings, CredentialStore.none(), Sleeper.system());
  }

  private static Descriptor descriptor(byte[] bytes) {
    return new Descriptor(MediaTypes.OCI_LAYER, Digest.of(bytes), bytes.length);
  }

  private static byte[] noise(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void anImageIsPushedWholeAndReadBackByTagAndByDigest() throws Exception {
    Repository to = new Repository(registry.host(), "team/app");
    byte[] config = "{\"os\":\"linux\"}".getBytes(StandardCharsets.UTF_8);
    byte[] layer = noise(3_000_000, 1);
    AtomicLong moved = new AtomicLong();
    try (RegistryClient client = client(RegistrySettings.defaults())) {
      assertThat(client.hasBlob(to, Digest.of(layer))).isFalse();
      assertThat(
              client.pushBlob(
                  to,
                  descriptor(layer),
                  BlobContent.of(layer),
                  null,
                  (done, total) -> moved.set(done)))
          .isEqualTo(PushOutcome.PUSHED);
      assertThat(moved).hasValueGreaterThanOrEqualTo(layer.length);
      client.pushBlob(to, descriptor(config), BlobContent.of(config), null, TransferProgress.NONE);
      assertThat(client.hasBlob(to, Digest.of(layer))).isTrue();

      Manifest manifest = image(config, layer);
      ImageReference tagged = new ImageReference(to, "v1", null);
      assertThat(client.digest(tagged)).isEmpty();
      assertThat(client.putManifest(tagged, manifest)).isEqualTo(manifest.digest());
      assertThat(client.digest(tagged)).contains(manifest.digest());
      assertThat(client.manifest(tagged).bytes()).isEqualTo(manifest.bytes());
      assertThat(client.manifest(tagged.withDigest(manifest.digest()), Platform.ofThisMachine()))
          .hasToString(manifest.toString());

      Path file = dir.resolve("layer");
      client.pullBlob(to, descriptor(layer), file, TransferProgress.NONE);
      assertThat(Files.readAllBytes(file)).isEqualTo(layer);
      assertThat(client.readBlob(to, descriptor(config), 100)).isEqualTo(config);
    }
  }

  private static Manifest image(byte[] config, byte[] layer) throws RegistryException {
    String part = "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}";
    String json =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"config\":%s,\"layers\":[%s]}"
            .formatted(
                MediaTypes.OCI_MANIFEST,
                part.formatted(MediaTypes.OCI_CONFIG, Digest.of(config), config.length),
                part.formatted(MediaTypes.OCI_LAYER, Digest.of(layer), layer.length));
    return Manifest.parse(MediaTypes.OCI_MANIFEST, json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void aBlobIsPushedInChunksMountedAndThenFoundThere() throws Exception {
    byte[] blob = noise(300_001, 2);
    Repository first = new Repository(registry.host(), "chunks/first");
    Repository second = new Repository(registry.host(), "chunks/second");
    try (RegistryClient client = client(RegistrySettings.defaults().withChunkBytes(100_000))) {
      assertThat(push(client, first, blob, null)).isEqualTo(PushOutcome.PUSHED);
      assertThat(push(client, second, blob, first)).isEqualTo(PushOutcome.MOUNTED);
      assertThat(push(client, second, blob, first)).isEqualTo(PushOutcome.EXISTED);
      client.pullBlob(second, descriptor(blob), dir.resolve("b"), TransferProgress.NONE);
      assertThat(Files.readAllBytes(dir.resolve("b"))).isEqualTo(blob);
    }
  }

  @Test
  void aMountThatIsNotPossibleBecomesAPush() throws Exception {
    byte[] blob = noise(1000, 3);
    Repository to = new Repository(registry.host(), "mounts/to");
    Repository empty = new Repository(registry.host(), "mounts/empty");
    try (RegistryClient client = client(RegistrySettings.defaults())) {
      assertThat(push(client, to, blob, empty)).isEqualTo(PushOutcome.PUSHED);
      assertThat(client.hasBlob(to, Digest.of(blob))).isTrue();
    }
  }

  private static PushOutcome push(
      RegistryClient client, Repository to, byte[] blob, Repository mountFrom) throws Exception {
    return client.pushBlob(
        to, descriptor(blob), BlobContent.of(blob), mountFrom, TransferProgress.NONE);
  }

  @Test
  void theRegistrysOwnWordsReachThePerson() throws Exception {
    ImageReference missing = ImageReference.parse(registry.host() + "/no/such:tag");
    byte[] blob = noise(100, 4);
    try (RegistryClient client = client(RegistrySettings.defaults())) {
      assertThatThrownBy(() -> client.manifest(missing))
          .isInstanceOfSatisfying(
              RegistryException.class,
              e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.NOT_FOUND))
          .hasMessageContaining("MANIFEST_UNKNOWN")
          .hasMessageContaining("/no/such:tag");
      // Its blobs were never pushed.
      assertThatThrownBy(() -> client.putManifest(missing, image(blob, blob)))
          .hasMessageContaining("MANIFEST_BLOB_UNKNOWN");
    }
  }

  @Test
  void basicCredentialsAreSentOnlyWhenAskedForAndAreNeeded() throws Exception {
    byte[] blob = noise(100_000, 5);
    try (DockerRegistry closed = DockerRegistry.startWithUser(dir)) {
      Repository to = new Repository(closed.host(), "team/app");
      try (RegistryClient nobody = client(RegistrySettings.defaults())) {
        assertThatThrownBy(() -> push(nobody, to, blob, null))
            .isInstanceOfSatisfying(
                RegistryException.class,
                e -> assertThat(e.kind()).isEqualTo(RegistryException.Kind.DENIED));
      }
      CredentialStore store =
          CredentialStore.of(
              Map.of(closed.host(), new Credentials(DockerRegistry.USER, DockerRegistry.PASSWORD)));
      try (RegistryClient builder =
          new RegistryClient(RegistrySettings.defaults(), store, Sleeper.system())) {
        assertThat(push(builder, to, blob, null)).isEqualTo(PushOutcome.PUSHED);
      }
    }
  }
}
