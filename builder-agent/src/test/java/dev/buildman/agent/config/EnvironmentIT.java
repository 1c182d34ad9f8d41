package dev.buildman.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.config.ManagerAddress.Transport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EnvironmentIT {
  @TempDir Path folder;
  private final Map<String, String> variables = new HashMap<>();

  @BeforeEach
  void aMinimalEnvironment() {
    variables.put("SERVER", "manager.example:55443");
    variables.put("TOKEN", "a-token");
  }

  private AgentSettings settings() {
    return ((EnvironmentReading.Valid<AgentSettings>) Environment.read(variables)).settings();
  }

  private List<String> problems() {
    return ((EnvironmentReading.Invalid<AgentSettings>) Environment.read(variables)).problems();
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  @Test
  void theMinimumIsAServerAndAToken() {
    AgentSettings settings = settings();

    assertThat(settings.manager())
        .isEqualTo(new ManagerAddress("manager.example", 55443, new Transport.PlatformTrust()));
    assertThat(settings.registrationToken()).isEqualTo("a-token");
    assertThat(settings.machine().engine())
        .isEqualTo(new AgentSettings.Engine("auto", "chroot", "auto"));
    assertThat(settings.reconnectWindow()).isEqualTo(Duration.ofSeconds(300));
    assertThat(settings.machine().debug()).isFalse();
  }

  @Test
  void aTokenFileWinsOverTheVariableAndLosesItsLineEnd() throws IOException {
    variables.put("TOKEN_FILE", file("token", "from-the-file\n").toString());

    assertThat(settings().registrationToken()).isEqualTo("from-the-file");
  }

  @Test
  void aCertificateWinsOverInsecureAsForQuaysWorker() throws IOException {
    Path certificate = file("ca.pem", "-----BEGIN CERTIFICATE-----");
    variables.put("INSECURE", "true");
    assertThat(settings().manager().transport()).isEqualTo(new Transport.Plaintext());

    variables.put("CA_CERT", certificate.toString());
    assertThat(settings().manager().transport()).isEqualTo(new Transport.TrustFile(certificate));
  }

  @Test
  void anIpv6AddressStandsInBrackets() {
    variables.put("SERVER", "[::1]:50051");

    assertThat(settings().manager().host()).isEqualTo("::1");
    assertThat(settings().manager()).hasToString("[::1]:50051");
  }

  @ParameterizedTest
  @ValueSource(strings = {"120", "120s", "2m", "120 s"})
  void theWindowIsSecondsOrCarriesItsUnit(String text) {
    variables.put("RECONNECT_WINDOW", text);

    assertThat(settings().reconnectWindow()).isEqualTo(Duration.ofSeconds(120));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"manager", "manager:", ":1", "https://manager:443", "m:0", "m:65536", "a b:1"})
  void aServerIsAHostAndAPort(String server) {
    variables.put("SERVER", server);

    assertThat(problems()).singleElement().asString().contains("SERVER", server);
  }

  @Test
  void everyProblemIsToldAtOnce() {
    variables.clear();
    variables.put("TOKEN_FILE", folder.resolve("absent").toString());
    variables.put("RECONNECT_WINDOW", "soon");
    variables.put("TLS_CERT_PATH", folder.resolve("absent.pem").toString());
    variables.put("DEBUG", "perhaps");
    variables.put("STORAGE_DRIVER", "btrfs");
    variables.put("TMPDIR", folder.resolve("absent-folder").toString());

    assertThat(problems())
        .hasSize(7)
        .anyMatch(p -> p.startsWith("SERVER is not set"))
        .anyMatch(p -> p.startsWith("TOKEN_FILE is"))
        .anyMatch(p -> p.startsWith("RECONNECT_WINDOW is 'soon'"))
        .anyMatch(p -> p.startsWith("TLS_CERT_PATH is"))
        .anyMatch(p -> p.startsWith("TMPDIR is"))
        .anyMatch(p -> p.startsWith("DEBUG is 'perhaps'"))
        .anyMatch(p -> p.startsWith("STORAGE_DRIVER is 'btrfs'"));
  }

  @Test
  void anEmptyTokenIsNone() throws IOException {
    variables.put("TOKEN_FILE", file("token", " \n").toString());
    assertThat(problems()).singleElement().asString().contains("TOKEN_FILE", "empty");

    variables.remove("TOKEN_FILE");
    variables.put("TOKEN", "");
    assertThat(problems()).singleElement().asString().contains("not set");
  }

  @Test
  void theIsolationIsTakenFromQuaysMisspeltVariableToo() {
    variables.put("BULDAH_ISOLATION", "rootless");
    assertThat(settings().machine().engine().isolation()).isEqualTo("rootless");

    variables.put("BUILDAH_ISOLATION", "oci");
    assertThat(settings().machine().engine().isolation()).isEqualTo("oci");
  }

  @Test
  void theTokenIsNeverPrinted() {
    assertThat(settings().toString()).doesNotContain("a-token");
  }

  @Test
  void whatTheWorkerKnowsOfRegistriesIsReadOnlyWhereAVariableNamesIt() throws IOException {
    assertThat(settings().machine().registries().credentials()).isNull();
    assertThat(settings().machine().registries().certificates())
        .containsExactly(Path.of("/etc/containers/certs.d"), Path.of("/etc/docker/certs.d"));
    assertThat(settings().machine().registries().mirrors()).isEmpty();

    Path config = file("config.json", "{}");
    variables.put("DOCKER_CONFIG", folder.toString());
    variables.put("REGISTRY_CERTS_DIR", "/a:/b");
    variables.put("REGISTRY_MIRRORS", "docker.io=m.example/hub, quay.io=a.example,docker.io=b");
    assertThat(settings().machine().registries())
        .isEqualTo(
            new RegistryVariables(
                config,
                List.of(Path.of("/a"), Path.of("/b")),
                Map.of(
                    "docker.io", List.of("m.example/hub", "b"), "quay.io", List.of("a.example"))));

    variables.put("REGISTRY_AUTH_FILE", "/no/such/file");
    variables.put("REGISTRY_MIRRORS", "docker.io");
    assertThat(problems())
        .anyMatch(problem -> problem.contains("REGISTRY_AUTH_FILE: /no/such/file"))
        .anyMatch(problem -> problem.contains("REGISTRY_MIRRORS has 'docker.io'"));
  }
}
