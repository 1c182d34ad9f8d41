package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.RegistryException.Kind;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Docker's file, and helpers as real programs. */
class DockerConfigIT {
  @TempDir Path dir;
  private final AtomicLong now = new AtomicLong();

  @BeforeEach
  void helper() throws IOException {
    // Says what it was asked, counts, and has something for three registries.
    helper(
        "cloud",
        """
        read -r server
        echo "$1 $server" >> "$ASKED"
        case "$server" in
          cloud.example) echo '{"ServerURL":"x","Username":"AWS","Secret":"s-1"}' ;;
          azure.example) echo '{"Username":"<token>","Secret":"refresh"}' ;;
          https://index.docker.io/v1/) echo '{"Username":"hub","Secret":"s-2"}' ;;
          broken.example) echo "no cloud here: expired SSO"; exit 1 ;;
          odd.example) echo "hello" ;;
          *) echo "credentials not found in native keychain"; exit 1 ;;
        esac
        """);
  }

  private void helper(String name, String script) throws IOException {
    Path file = Files.writeString(dir.resolve("docker-credential-" + name), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private DockerConfig config(String json) throws IOException {
    Processes processes =
        new Processes(
            Ticker.system(),
            Sleeper.system(),
            new Executables(List.of(dir, Path.of("/usr/bin"), Path.of("/bin"))),
            Map.of());
    Path file = Files.writeString(dir.resolve("config.json"), json);
    Map<String, String> environment =
        Map.of("PATH", "/usr/bin:/bin", "ASKED", dir.resolve("asked").toString());
    return DockerConfig.read(file, processes, environment, now::get);
  }

  private static Optional<Credentials> find(DockerConfig config, String registry) throws Exception {
    return config.find(new Repository(registry, "team/app"));
  }

  @Test
  void namesAndPasswordsAndIdentityTokensStandInTheFile() throws Exception {
    DockerConfig config =
        config(
            """
            {"auths": {
              "https://index.docker.io/v1/": {"auth": "aHVidXNlcjpodWI6cGFzcw=="},
              "quay.io/team": {"username": "robot", "password": "pw"},
              "azure.example": {"auth": "MDAwMDo=", "identitytoken": "refresh"},
              "empty.example": {}}}
            """);
    assertThat(find(config, "docker.io")).contains(new Credentials("hubuser", "hub:pass"));
    assertThat(find(config, "quay.io")).contains(new Credentials("robot", "pw"));
    assertThat(config.find(new Repository("quay.io", "teams/app"))).isEmpty();
    assertThat(find(config, "azure.example").orElseThrow().identityToken()).isEqualTo("refresh");
    assertThat(find(config, "azure.example").orElseThrow().hasPassword()).isFalse();
    assertThat(find(config, "empty.example")).isEmpty();
    assertThat(config.toString()).doesNotContain("pass", "pw", "refresh");
  }

  @Test
  void aHelperIsAskedForItsRegistryOnceInFiveMinutes() throws Exception {
    DockerConfig config =
        config(
            """
            {"credHelpers": {"cloud.example": "cloud", "azure.example": "cloud"},
             "auths": {"cloud.example": {"username": "never", "password": "used"}}}
            """);
    assertThat(find(config, "cloud.example")).contains(new Credentials("AWS", "s-1"));
    assertThat(find(config, "cloud.example")).contains(new Credentials("AWS", "s-1"));
    assertThat(find(config, "azure.example")).contains(Credentials.identity("refresh"));
    assertThat(find(config, "other.example")).isEmpty();
    assertThat(Files.readAllLines(dir.resolve("asked")))
        .containsExactly("get cloud.example", "get azure.example");
    now.addAndGet(Duration.ofMinutes(6).toNanos());
    assertThat(find(config, "cloud.example")).isPresent();
    assertThat(Files.readAllLines(dir.resolve("asked"))).hasSize(3);
  }

  @Test
  void aStoreIsAskedForEverythingAndTheFileAfterIt() throws Exception {
    DockerConfig config =
        config(
            """
            {"credsStore": "cloud", "auths": {"quay.io": {"username": "u", "password": "p"}}}
            """);
    assertThat(find(config, "docker.io")).contains(new Credentials("hub", "s-2"));
    assertThat(find(config, "quay.io")).contains(new Credentials("u", "p"));
    assertThat(find(config, "unknown.example")).isEmpty();
  }

  @Test
  void aHelperThatFailsIsToldAndIsTheMachinesFault() throws Exception {
    DockerConfig config =
        config(
            """
            {"credHelpers": {"broken.example": "cloud", "odd.example": "cloud",
              "none.example": "absent", "bad.example": "../../bin/sh"}}
            """);
    assertFailure(config, "broken.example", "exit status 1: no cloud here: expired SSO");
    assertFailure(config, "odd.example", "its answer is no JSON object");
    assertFailure(config, "none.example", "there is no program docker-credential-absent");
    assertFailure(config, "bad.example", "a helper has no such name");
  }

  private static void assertFailure(DockerConfig config, String registry, String words) {
    assertThatThrownBy(() -> find(config, registry))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOCAL))
        .hasMessageContaining(registry)
        .hasMessageContaining(words);
  }

  @Test
  void aFileThatIsNoneIsNamed() {
    assertThatThrownBy(() -> config("[]")).hasMessageContaining("config.json");
    assertThatThrownBy(() -> config("{\"auths\":{\"a\":{\"auth\":\"%\"}}}"))
        .hasMessageContaining("config.json");
  }

  @Test
  void theBuildsOwnCredentialsWin() throws Exception {
    CredentialStore store =
        CredentialStore.of(Map.of("quay.io", new Credentials("build", "own")))
            .orElse(config("{\"auths\":{\"quay.io\":{\"username\":\"u\",\"password\":\"p\"}}}"));
    assertThat(store.resolve(new Repository("quay.io", "a/b")).orElseThrow().username())
        .isEqualTo("build");
    assertThat(store.byScope()).containsOnlyKeys("quay.io");
  }
}
