package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.registry.RegistryException.Kind;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.testing.DockerRegistry;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.TestAuthority;
import dev.buildman.agent.testing.TokenServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The real registry with a token service, and with TLS of a private authority and htpasswd. */
@NeedsPrograms(Program.DOCKER_REGISTRY)
@Timeout(60)
class AuthenticationIT {
  private static final byte[] BLOB = new byte[200_000];
  private static final Descriptor DESCRIPTOR;
  private static final Credentials PASSWORD =
      new Credentials(DockerRegistry.USER, DockerRegistry.PASSWORD);

  static {
    new Random(7).nextBytes(BLOB);
    DESCRIPTOR = new Descriptor(MediaTypes.OCI_LAYER, Digest.of(BLOB), BLOB.length);
  }

  @TempDir static Path keys;
  @TempDir Path dir;
  private static TestAuthority authority;

  @BeforeAll
  static void makeKeys() throws Exception {
    authority = TestAuthority.in(keys);
  }

  private static PushOutcome push(RegistryClient client, Repository to, Repository mountFrom)
      throws Exception {
    return client.pushBlob(to, DESCRIPTOR, BlobContent.of(BLOB), mountFrom, TransferProgress.NONE);
  }

  private static CredentialStore store(DockerRegistry registry, Credentials credentials) {
    return CredentialStore.of(Map.of(registry.host(), credentials));
  }

  private static RegistryClient client(CredentialStore store) {
    return new RegistryClient(RegistrySettings.defaults(), store, Sleeper.system());
  }

  @Test
  void aTokenIsFetchedForWhatIsDoneAndForAMountOfBothRepositories() throws Exception {
    try (TokenServer tokens = TokenServer.start(authority, Duration.ofMinutes(5));
        DockerRegistry registry =
            DockerRegistry.startWithTokens(dir, tokens.realm(), authority.authority());
        RegistryClient client = client(store(registry, PASSWORD))) {
      Repository first = new Repository(registry.host(), "a/first");
      Repository second = new Repository(registry.host(), "a/second");
      assertThat(push(client, first, null)).isEqualTo(PushOutcome.PUSHED);
      assertThat(push(client, second, first)).isEqualTo(PushOutcome.MOUNTED);
      assertThat(client.readBlob(second, DESCRIPTOR, BLOB.length)).isEqualTo(BLOB);
      assertThat(tokens.questions())
          .containsExactly(
              "repository:a/first:pull,push",
              "repository:a/second:pull,push",
              "repository:a/second:pull,push repository:a/first:pull",
              "repository:a/second:pull");
      // What it gives for another's repository is no right to it.
      assertThatThrownBy(() -> push(client, new Repository(registry.host(), "private/x"), null))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED))
          .hasMessageContaining("asked as builder");
    }
  }

  @Test
  void anIdentityTokenIsTradedAndItsSuccessorUsed() throws Exception {
    try (TokenServer tokens = TokenServer.start(authority, Duration.ofMinutes(5));
        DockerRegistry registry =
            DockerRegistry.startWithTokens(dir, tokens.realm(), authority.authority());
        RegistryClient client =
            client(store(registry, Credentials.identity(tokens.refreshToken())))) {
      Repository to = new Repository(registry.host(), "a/b");
      assertThat(push(client, to, null)).isEqualTo(PushOutcome.PUSHED);
      assertThat(client.hasBlob(to, DESCRIPTOR.digest())).isTrue();
      assertThat(tokens.questions())
          .containsExactly("refresh repository:a/b:pull,push", "refresh repository:a/b:pull");
      assertThat(tokens.refreshToken()).isEqualTo("refresh-2");
    }
  }

  @Test
  void aTokenIsRenewedBeforeItRunsOut() throws Exception {
    AtomicLong now = new AtomicLong();
    try (TokenServer tokens = TokenServer.start(authority, Duration.ofMinutes(5));
        DockerRegistry registry =
            DockerRegistry.startWithTokens(dir, tokens.realm(), authority.authority());
        RegistryClient client =
            new RegistryClient(
                RegistrySettings.defaults(),
                store(registry, PASSWORD),
                Sleeper.system(),
                now::get)) {
      Repository from = new Repository(registry.host(), "a/b");
      assertThat(client.hasBlob(from, DESCRIPTOR.digest())).isFalse();
      now.addAndGet(Duration.ofSeconds(230).toNanos());
      assertThat(client.hasBlob(from, DESCRIPTOR.digest())).isFalse();
      assertThat(tokens.questions()).hasSize(1);
      now.addAndGet(Duration.ofSeconds(20).toNanos());
      assertThat(client.hasBlob(from, DESCRIPTOR.digest())).isFalse();
      assertThat(tokens.questions()).hasSize(2);
    }
  }

  @Test
  void aWrongPasswordIsToldInTheServicesWordsAndNotRepeated() throws Exception {
    try (TokenServer tokens = TokenServer.start(authority, Duration.ofMinutes(5));
        DockerRegistry registry =
            DockerRegistry.startWithTokens(dir, tokens.realm(), authority.authority());
        RegistryClient client =
            client(store(registry, new Credentials(DockerRegistry.USER, "wrong-secret")))) {
      assertThatThrownBy(() -> push(client, new Repository(registry.host(), "a/b"), null))
          .isInstanceOfSatisfying(
              RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.DENIED))
          .hasMessageContaining("as builder")
          .hasMessageContaining("UNAUTHORIZED: bad credentials")
          .message()
          .doesNotContain("wrong-secret");
    }
  }

  @Test
  void aRegistryOfAPrivateAuthorityIsTrustedByItsOwnFolderOnly() throws Exception {
    try (DockerRegistry registry =
        DockerRegistry.startWithTls(dir, authority.certificate(), authority.key())) {
      Path certs = Files.createDirectories(dir.resolve("certs.d/" + registry.host()));
      Repository to = new Repository(registry.host(), "a/b");
      RegistrySettings.Transport transport =
          new RegistrySettings.Transport(
              null, null, new Certificates(List.of(dir.resolve("certs.d")), null));
      RegistrySettings settings = RegistrySettings.defaults().withTransport(transport).withTries(1);
      // A folder of its own, even an empty one, makes a loopback registry one that is checked.
      try (RegistryClient client =
          new RegistryClient(settings, store(registry, PASSWORD), Sleeper.system())) {
        assertThatThrownBy(() -> push(client, to, null))
            .isInstanceOfSatisfying(
                RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TLS));
      }
      Files.copy(authority.authority(), certs.resolve("ca.crt"));
      try (RegistryClient client =
          new RegistryClient(settings, store(registry, PASSWORD), Sleeper.system())) {
        assertThat(push(client, to, null)).isEqualTo(PushOutcome.PUSHED);
        assertThat(client.readBlob(to, DESCRIPTOR, BLOB.length)).isEqualTo(BLOB);
      }
    }
  }

  @Test
  void aCertificateFileThatIsNoneIsNamed() throws Exception {
    Path folder = Files.createDirectories(dir.resolve("registry.example"));
    Files.writeString(folder.resolve("client.cert"), Files.readString(authority.certificate()));
    Files.writeString(folder.resolve("client.key"), "no key");
    Certificates certificates = new Certificates(List.of(dir), authority.authority());
    assertThatThrownBy(() -> certificates.context("registry.example"))
        .hasMessageContaining(folder.resolve("client.key").toString())
        .hasMessageContaining("openssl pkcs8");
    Files.copy(authority.key(), folder.resolve("client.key"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(certificates.context("registry.example")).isPresent();
    assertThat(certificates.context("other.example")).isEmpty();
  }
}
