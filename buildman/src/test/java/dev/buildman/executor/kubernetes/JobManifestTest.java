package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.config.ConfigMap;
import dev.buildman.config.ConfigReader;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Secret;
import dev.buildman.testing.kubernetes.StrictReading;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The manifests, held against files that a person has read. {@code -Dgolden.record} writes them
 * anew; the change then shows what a cluster will be asked for.
 */
class JobManifestTest {
  private static final Installation INSTALLATION = new Installation("0123456789ab", "state-1");
  private static final AttemptId ATTEMPT =
      new AttemptId(new BuildId("01234567-89ab-cdef-0123-456789abcdef"), 2);
  private static final Nonce NONCE =
      new Nonce(new ManagerId("m"), 1, "00112233445566778899aabbccddeeff");
  private static final WorkerRequest REQUEST =
      new WorkerRequest(
          ATTEMPT,
          ExecutionName.of(INSTALLATION, ATTEMPT, NONCE),
          INSTALLATION,
          Secret.of("the-token"),
          Map.of("SERVER", "manager.example:55443"),
          Duration.ofSeconds(7200));

  @ParameterizedTest
  @EnumSource(Isolation.class)
  void eachLevelAsksForWhatItNeeds(Isolation isolation) throws IOException {
    String level = isolation.name().toLowerCase(Locale.ROOT);
    golden(level, job(agents("AGENT: ours\nISOLATION: " + level + "\n"), true));
  }

  @Test
  void quaysImageGetsItsTokenAsItReadsIt() throws IOException {
    golden(
        "quay-openshift",
        job(
            agents(
                """
                BUILDER_CONTAINER_IMAGE: quay.io/projectquay/quay-builder:3.13
                KUBERNETES_DISTRIBUTION: openshift
                NODE_SELECTOR_LABEL_VALUE: m5.large
                HTTPS_PROXY: http://proxy.example:3128
                """),
            false));
  }

  @Test
  void aMachineReadsItsUserDataFromASecret() throws IOException {
    golden("machine-basic", job(machines("AGENT: ours\nVM_MEMORY_LIMIT: 8G\n"), true));
  }

  @Test
  void aMachineOfQuaysGetsItsUserDataAsQuayHandsItOver() throws IOException {
    golden(
        "machine-quay-openshift",
        job(
            machines(
                """
                WORKER_IMAGE: quay.io/projectquay/quay-builder
                WORKER_TAG: "3.13"
                KUBERNETES_DISTRIBUTION: openshift
                NODE_SELECTOR_LABEL_KEY: kubernetes.io/arch
                NODE_SELECTOR_LABEL_VALUE: amd64
                VOLUME_SIZE: 8G
                """),
            true));
  }

  @Test
  void theTokenIsInNoManifestOfOurs() {
    for (KubernetesSettings ours : List.of(agents("AGENT: ours\n"), machines("AGENT: ours\n"))) {
      // Also not where it is Base64 of Base64.
      assertThat(Serialization.asJson(job(ours, true)))
          .doesNotContain("the-token")
          .doesNotContain("base64");
    }
  }

  @Test
  void aFieldThatKubernetesDoesNotHaveIsNotRead() {
    String yaml =
        Serialization.asYaml(job(agents(""), true)).replace("backoffLimit", "backofLimit");

    assertThatThrownBy(() -> StrictReading.read(yaml, Job.class))
        .hasMessageContaining("backofLimit");
  }

  private static KubernetesSettings agents(String lines) {
    return settings(lines, map -> KubernetesSettings.parse(map, "1.0"));
  }

  private static KubernetesSettings machines(String lines) {
    return settings(lines, map -> KubernetesSettings.parseMachines(map, "1.0"));
  }

  private static KubernetesSettings settings(
      String lines, Function<ConfigMap, KubernetesSettings> kind) {
    return new ConfigReader(Map.of())
        .readText(
            "test",
            "E:\n" + ("EXECUTOR: any\n" + lines).indent(2),
            Path.of("/"),
            top -> kind.apply(top.section("E")))
        .orThrow();
  }

  private static Job job(KubernetesSettings settings, boolean ownUsers) {
    WorkerKind.Written written = settings.worker().write(REQUEST);
    assertThat(written).isInstanceOf(WorkerKind.Written.Parts.class);
    return new JobManifest(settings, new WorkerLabels(settings.common().name(), INSTALLATION))
        .job(REQUEST, (WorkerKind.Written.Parts) written, ownUsers);
  }

  private static void golden(String name, Job job) throws IOException {
    String yaml = Serialization.asYaml(job);
    String file = "/kubernetes/manifests/" + name + ".yaml";
    if (System.getProperty("golden.record") != null) {
      Path recorded = Path.of("src/test/resources" + file);
      Files.createDirectories(recorded.getParent());
      Files.writeString(recorded, yaml);
      return;
    }
    try (InputStream golden = JobManifestTest.class.getResourceAsStream(file)) {
      assertThat(golden).as(file).isNotNull();
      String expected = new String(golden.readAllBytes(), StandardCharsets.UTF_8);
      assertThat(yaml).isEqualTo(expected);
      assertThat(StrictReading.read(expected, Job.class)).isEqualTo(job);
    }
  }
}
