package dev.buildman.executor.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.config.ConfigReader;
import dev.buildman.config.ConfigResult;
import dev.buildman.model.AgentKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KubernetesSettingsTest {

  @Test
  void whatIsNotSaidHasItsDefault() {
    KubernetesSettings settings = read("EXECUTOR: kubernetesPodman\n").orThrow();

    assertThat(settings.namespace()).isEqualTo("builder");
    assertThat(settings.common().name().value()).isEqualTo("kubernetesPodman");
    assertThat(settings.common().agent()).isEqualTo(AgentKind.OURS);
    assertThat(settings.common().maxLifetime()).isEqualTo(Duration.ofSeconds(7200));
    assertThat(settings.access().server()).isEmpty();
    assertThat(settings.access().timeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(settings.access().verify()).isTrue();
    assertThat(settings.pod().image()).isEqualTo("buildman/builder-agent:1.0");
    assertThat(settings.pod().pullPolicy()).isEqualTo("Always");
    assertThat(settings.pod().isolation()).isEqualTo(Isolation.UNCONFINED);
    assertThat(settings.pod().keepFinished()).isEqualTo(Duration.ofSeconds(120));
    assertThat(settings.pod().serviceAccount()).isEmpty();
  }

  @Test
  void quaysConfigurationRunsQuaysImageAsQuayDoes() {
    KubernetesSettings settings =
        read("""
        EXECUTOR: kubernetesPodman
        NAME: openshift
        BUILDER_NAMESPACE: builds
        SETUP_TIME: 180
        MINIMUM_RETRY_THRESHOLD: 0
        BUILDER_CONTAINER_IMAGE: quay.io/projectquay/quay-builder:3.13
        K8S_API_SERVER: api.openshift.somehost.org:6443
        K8S_API_TLS_CA: /etc/hosts
        VOLUME_SIZE: 8G
        KUBERNETES_DISTRIBUTION: openshift
        CONTAINER_MEMORY_LIMITS: 1G
        CONTAINER_CPU_LIMITS: 300m
        CONTAINER_MEMORY_REQUEST: 1G
        CONTAINER_CPU_REQUEST: 300m
        NODE_SELECTOR_LABEL_KEY: beta.kubernetes.io/instance-type
        NODE_SELECTOR_LABEL_VALUE: n1-standard-4
        CONTAINER_RUNTIME: podman
        SERVICE_ACCOUNT_NAME: quay-builder-sa
        SERVICE_ACCOUNT_TOKEN: canary
        HTTP_PROXY: http://10.0.0.1:80
        """)
            .orThrow();

    assertThat(settings.common().agent()).isEqualTo(AgentKind.QUAY);
    assertThat(settings.common().tokenInEnv()).isTrue();
    assertThat(settings.access().server()).contains("https://api.openshift.somehost.org:6443");
    assertThat(settings.pod().image()).isEqualTo("quay.io/projectquay/quay-builder:3.13");
    assertThat(settings.pod().serviceAccount()).contains("quay-builder-sa");
    assertThat(settings.pod().placement().nodeSelector())
        .containsEntry("beta.kubernetes.io/instance-type", "n1-standard-4");
    assertThat(settings.toString()).doesNotContain("canary");
  }

  /** Quay's rule: a bare host is https only where there are credentials. */
  @Test
  void aServerWithoutCredentialsIsPlain() {
    assertThat(read("K8S_API_SERVER: 10.0.0.1:8080\n").orThrow().access().server())
        .contains("http://10.0.0.1:8080");
    assertThat(read("K8S_API_SERVER: https://k.example:6443\n").orThrow().access().server())
        .contains("https://k.example:6443");
  }

  @Test
  void placementIsReadAsKubernetesWritesIt() {
    Placement placement =
        read("""
        NODE_SELECTOR: {pool: builds}
        TOLERATIONS:
          - {key: builds, operator: Exists, effect: NoSchedule}
        AFFINITY:
          nodeAffinity:
            preferredDuringSchedulingIgnoredDuringExecution:
              - weight: 1
                preference:
                  matchExpressions:
                    - {key: disk, operator: In, values: [ssd]}
        RUNTIME_CLASS: gvisor
        PRIORITY_CLASS: low
        """)
            .orThrow()
            .pod()
            .placement();

    assertThat(placement.nodeSelector()).containsExactly(Map.entry("pool", "builds"));
    assertThat(placement.tolerations())
        .singleElement()
        .satisfies(toleration -> assertThat(toleration.getEffect()).isEqualTo("NoSchedule"));
    assertThat(placement.affinity().orElseThrow().getNodeAffinity().toString()).contains("ssd");
    assertThat(placement.runtimeClass()).contains("gvisor");
  }

  @Test
  void everyMistakeIsToldWithItsCure() {
    ConfigResult<KubernetesSettings> result =
        read(
            """
            BUILDER_NAMESPACE: Not_A_Namespace
            CONTAINER_MEMORY_REQUEST: 4GB
            CONTAINER_CPU_REQUEST: "2"
            CONTAINER_CPU_LIMITS: "1"
            IMAGE_PULL_POLICY: Sometimes
            KUBERNETES_DISTRIBUTION: k3s
            ISOLATION: chroot
            K8S_API_SERVER: http:/x
            TOLERATIONS: [{kee: a}]
            AFFINITY: {nodeAfinity: {}}
            K8S_API_TLS_CERT: /etc/hosts
            MAXIMUM_JOB_TIM: 3
            """);

    assertThat(result)
        .isInstanceOfSatisfying(
            ConfigResult.Invalid.class,
            invalid ->
                assertThat(invalid.problems().toString())
                    .contains(
                        "BUILDER_NAMESPACE",
                        "no quantity of Kubernetes",
                        "CONTAINER_CPU_REQUEST",
                        "more than CONTAINER_CPU_LIMITS",
                        "Always, IfNotPresent, Never",
                        "basic, openshift",
                        "ISOLATION",
                        "K8S_API_SERVER",
                        "TOLERATIONS",
                        "AFFINITY",
                        "K8S_API_TLS_KEY",
                        "MAXIMUM_JOB_TIM"));
  }

  private static ConfigResult<KubernetesSettings> read(String executor) {
    return new ConfigReader(Map.of())
        .readText(
            "test",
            "E:\n" + executor.indent(2),
            Path.of("/"),
            top -> KubernetesSettings.parse(top.section("E"), "1.0"));
  }
}
