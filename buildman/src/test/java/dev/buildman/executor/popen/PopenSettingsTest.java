package dev.buildman.executor.popen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.config.ConfigReader;
import dev.buildman.config.ConfigResult;
import dev.buildman.executor.Breaker;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.AgentKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PopenSettingsTest {
  private static final Path OURS = Path.of("/opt/builder-agent");
  private static final Path WORK = Path.of("/var/work");

  @Test
  void whatIsNotSaidHasItsDefault() {
    PopenSettings settings = read("EXECUTOR: popen\nAGENT: ours\n").orThrow();

    assertThat(settings.binary()).isEqualTo(OURS);
    assertThat(settings.workDirectory()).isEqualTo(WORK);
    assertThat(settings.common().name().value()).isEqualTo("popen");
    assertThat(settings.common().setupTime()).isEqualTo(Duration.ofSeconds(500));
    assertThat(settings.common().choice().maximumWorkers()).isEmpty();
    assertThat(settings.common().breaker()).isEqualTo(Breaker.DEFAULT);
    assertThat(settings.common().tokenInEnv()).isFalse();
    assertThat(settings.common().environment())
        .containsOnly(
            Map.entry("CONTAINER_RUNTIME", "auto"),
            Map.entry("BUILDAH_ISOLATION", "chroot"),
            Map.entry("BULDAH_ISOLATION", "chroot"));
  }

  @Test
  void aNamedProgramIsQuaysAndGetsItsTokenAsQuaysDoes() {
    PopenSettings settings = read("BUILDER_BINARY_LOCATION: /usr/bin/true\n").orThrow();

    assertThat(settings.common().agent()).isEqualTo(AgentKind.QUAY);
    assertThat(settings.common().tokenInEnv()).isTrue();
    assertThat(settings.common().environment()).containsEntry("CONTAINER_RUNTIME", "docker");
    assertThat(settings.binary()).isEqualTo(Path.of("/usr/bin/true"));
  }

  @Test
  void aNamedDaemonIsHandedToTheWorkers() {
    PopenSettings settings =
        read("DOCKER_HOST: tcp://a:2376\nDOCKER_CERT_PATH: /c\nDOCKER_TLS_VERIFY: true\n")
            .orThrow();

    assertThat(settings.common().environment())
        .containsEntry("DOCKER_HOST", "tcp://a:2376")
        .containsEntry("DOCKER_CERT_PATH", "/c")
        .containsEntry("DOCKER_TLS_VERIFY", "1")
        .doesNotContainKey("BUILDKIT_HOST");
  }

  @Test
  void everyKeyIsRead() {
    ExecutorSettings common =
        read("""
        EXECUTOR: popen
        NAME: local
        AGENT: ours
        SETUP_TIME: 20
        MINIMUM_RETRY_THRESHOLD: 1
        NAMESPACE_WHITELIST: [a, b]
        STAGED_ROLLOUT: 0.25
        MAXIMUM_WORKERS: 3
        BREAKER: {FAILURES: 2, OPEN_FOR: 5s}
        LAUNCH_RATE: 2.5
        DEBUG: true
        DEBUG_RETENTION: 10m
        HTTPS_PROXY: http://proxy:3128
        INSECURE: true
        QUAY_USERNAME: somebody
        WORKER_IMAGE: image
        """)
            .orThrow()
            .common();

    assertThat(common.name().value()).isEqualTo("local");
    assertThat(common.setupTime()).isEqualTo(Duration.ofSeconds(20));
    assertThat(common.choice().minimumRetryThreshold()).isEqualTo(1);
    assertThat(common.choice().namespaceWhitelist()).containsExactlyInAnyOrder("a", "b");
    assertThat(common.choice().stagedRollout()).isEqualTo(0.25);
    assertThat(common.choice().maximumWorkers()).isEqualTo(OptionalInt.of(3));
    assertThat(common.breaker())
        .isEqualTo(new Breaker(2, Duration.ofSeconds(5), OptionalDouble.of(2.5)));
    assertThat(common.keepFailed()).contains(Duration.ofMinutes(10));
    assertThat(common.environment())
        .containsEntry("DEBUG", "true")
        .containsEntry("INSECURE", "true")
        .containsEntry("HTTPS_PROXY", "http://proxy:3128");
  }

  @Test
  void everyMistakeIsReported() {
    ConfigResult<PopenSettings> result =
        read("STAGED_ROLLOUT: 1.5\nMAXIMUM_WORKERS: -1\nSETUP_TIM: 5\nNAME: 'no spaces, please'\n");

    assertThat(result)
        .isInstanceOfSatisfying(
            ConfigResult.Invalid.class,
            invalid ->
                assertThat(invalid.problems().toString())
                    .contains("STAGED_ROLLOUT", "MAXIMUM_WORKERS", "SETUP_TIM", "NAME"));
  }

  private static ConfigResult<PopenSettings> read(String executor) {
    return new ConfigReader(Map.of())
        .readText(
            "test",
            "E:\n" + executor.indent(2),
            Path.of("/"),
            top -> PopenSettings.parse(top.section("E"), OURS, WORK));
  }
}
