package dev.buildman.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.Places;
import dev.buildman.Settings;
import dev.buildman.config.ConfigReader;
import dev.buildman.config.ConfigResult;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the chart installs, for several sets of values. */
class ChartIT {
  private static final Pattern MOUNTED = Pattern.compile("/etc/buildman-(?:secrets|tls)[\\w./-]*");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"trial", "production", "own-config", "cluster"})
  void isLintedAndReadStrictlyByTheTypedModel(String values) throws IOException {
    assertThat(Chart.with(values).lint(folder))
        .satisfies(lint -> assertThat(lint.isFailed()).as("%s", lint.getMessages()).isFalse());
    List<HasMetadata> objects = Chart.with(values).render();
    assertThat(objects).hasSizeGreaterThan(5);
    assertThat(objects)
        .extracting(object -> object.getKind() + " " + namespace(object) + name(object))
        .doesNotHaveDuplicates();
    assertThat(objects)
        .filteredOn(object -> !(object instanceof Namespace))
        .allSatisfy(object -> assertThat(object.getMetadata().getNamespace()).isNotEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"trial", "production", "cluster"})
  void theConfigurationPassesOurOwnCheckWithoutAWarning(String values) throws IOException {
    Settings settings = settings(Chart.with(values).render());
    assertThat(settings.executors()).isNotEmpty();
    assertThat(settings.listeners().metrics().isLoopback())
        .as("probes come to the pod's address")
        .isFalse();
    assertThat(settings.identity().apiTokens()).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"trial", "production"})
  void kubernetesWaitsLongerForAManagerThanItDrains(String values) throws IOException {
    List<HasMetadata> objects = Chart.with(values).render();
    assertThat(pod(objects).getTerminationGracePeriodSeconds())
        .isGreaterThanOrEqualTo(settings(objects).work().pace().drain().toSeconds() + 15);
  }

  @ParameterizedTest
  @ValueSource(strings = {"trial", "production", "own-config", "cluster"})
  void everyServicePortAndProbeMeetsAPortOfTheManager(String values) {
    List<HasMetadata> objects = Chart.with(values).render();
    Deployment manager = one(objects, Deployment.class);
    Map<String, String> labels = manager.getSpec().getTemplate().getMetadata().getLabels();
    Container container = pod(objects).getContainers().getFirst();
    List<String> ports = container.getPorts().stream().map(ContainerPort::getName).toList();
    List<Service> services =
        all(objects, Service.class).filter(service -> !name(service).endsWith("-redis")).toList();
    assertThat(services).hasSize(3);
    for (Service service : services) {
      assertThat(labels).containsAllEntriesOf(service.getSpec().getSelector());
      assertThat(service.getSpec().getPorts())
          .extracting(ServicePort::getTargetPort)
          .allSatisfy(port -> assertThat(ports).contains(port.getStrVal()));
    }
    assertThat(labels).containsAllEntriesOf(manager.getSpec().getSelector().getMatchLabels());
    assertThat(
            Stream.of(
                container.getStartupProbe(),
                container.getLivenessProbe(),
                container.getReadinessProbe()))
        .allSatisfy(probe -> assertThat(ports).contains(probe.getHttpGet().getPort().getStrVal()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"trial", "production", "own-config", "cluster"})
  void everyVolumeIsThereOnceAndEveryMountHasItsVolume(String values) {
    PodSpec pod = pod(Chart.with(values).render());
    List<String> volumes = pod.getVolumes().stream().map(volume -> volume.getName()).toList();
    assertThat(volumes).doesNotHaveDuplicates();
    assertThat(pod.getContainers().getFirst().getVolumeMounts())
        .extracting(mount -> mount.getName())
        .containsExactlyInAnyOrderElementsOf(volumes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"trial", "production", "own-config", "cluster"})
  void theManagerCanWriteNowhereButInItsVolumesAndMayNothing(String values) {
    PodSpec pod = pod(Chart.with(values).render());
    assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
    assertThat(pod.getContainers())
        .allSatisfy(
            container -> {
              assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
              assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
              assertThat(container.getSecurityContext().getCapabilities().getDrop())
                  .containsExactly("ALL");
              assertThat(container.getSecurityContext().getCapabilities().getAdd()).isEmpty();
            });
  }

  @Test
  void severalManagersAreSpreadKeepOneUpAndShareTheirSources() {
    List<HasMetadata> objects = Chart.with("production").render();
    Deployment manager = one(objects, Deployment.class);
    assertThat(manager.getSpec().getReplicas()).isEqualTo(3);
    assertThat(manager.getSpec().getStrategy().getType()).isEqualTo("RollingUpdate");
    assertThat(pod(objects).getAffinity().getPodAntiAffinity()).isNotNull();
    PodDisruptionBudget budget = one(objects, PodDisruptionBudget.class);
    assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
    assertThat(manager.getSpec().getTemplate().getMetadata().getLabels())
        .containsAllEntriesOf(budget.getSpec().getSelector().getMatchLabels());
    // Two would each have sources of their own: the second refuses to start until the first is
    // gone.
    assertThat(
            one(Chart.with("trial").render(), Deployment.class).getSpec().getStrategy().getType())
        .isEqualTo("Recreate");
  }

  @Test
  void theProfileOnTheNodesTurnsBaselineOn() throws IOException {
    List<HasMetadata> objects = Chart.with("production").render();
    DaemonSet installer = one(objects, DaemonSet.class);
    PodSpec pod = installer.getSpec().getTemplate().getSpec();
    assertThat(pod.getNodeSelector()).containsEntry("pool", "builds");
    assertThat(pod.getTolerations()).hasSize(1);
    assertThat(pod.getVolumes())
        .anySatisfy(
            volume -> {
              assertThat(volume.getHostPath()).isNotNull();
              assertThat(volume.getHostPath().getPath()).isEqualTo("/var/lib/kubelet/seccomp");
            });
    String config = config(objects);
    assertThat(config).contains("ISOLATION: baseline", "SECCOMP_PROFILE: buildman/builder.json");
    assertThat(String.join(" ", pod.getContainers().getFirst().getCommand()))
        .contains("/host/buildman/builder.json");
    assertThat(podSecurity(objects)).isEqualTo("baseline");
    assertThat(podSecurity(Chart.with("trial").render())).isEqualTo("privileged");
    assertThat(config(Chart.with("trial").render())).contains("ISOLATION: unconfined");
    String laid =
        all(objects, ConfigMap.class)
            .filter(map -> name(map).endsWith("-seccomp"))
            .findFirst()
            .orElseThrow()
            .getData()
            .get("builder.json");
    assertThat(laid.strip())
        .isEqualTo(Files.readString(Chart.FOLDER.resolve("files/builder-seccomp.json")).strip());
  }

  @Test
  void workersAreWhereTheExecutorPutsThemUnderTheAccountOfTheManager() throws IOException {
    for (String values : List.of("trial", "production")) {
      List<HasMetadata> objects = Chart.with(values).render();
      String namespace = name(one(objects, Namespace.class));
      assertThat(config(objects)).contains("BUILDER_NAMESPACE: " + namespace + "\n");
      RoleBinding binding = one(objects, RoleBinding.class);
      assertThat(binding.getMetadata().getNamespace()).isEqualTo(namespace);
      assertThat(binding.getSubjects().getFirst().getName())
          .isEqualTo(pod(objects).getServiceAccountName());
      assertThat(binding.getSubjects().getFirst().getNamespace()).isEqualTo(Chart.NAMESPACE);
    }
  }

  @Test
  void theOperatorsMonitorFindsTheMetrics() throws IOException {
    List<HasMetadata> objects = Chart.with("production").render();
    ServiceMonitor monitor = one(objects, ServiceMonitor.class);
    Map<String, String> wanted = monitor.getSpec().getSelector().getMatchLabels();
    List<Service> found =
        all(objects, Service.class)
            .filter(
                service ->
                    service.getMetadata().getLabels().entrySet().containsAll(wanted.entrySet()))
            .toList();
    assertThat(found).hasSize(1);
    assertThat(found.getFirst().getSpec().getPorts())
        .extracting(ServicePort::getName)
        .contains(monitor.getSpec().getEndpoints().getFirst().getPort());
    PrometheusRule rules = one(objects, PrometheusRule.class);
    assertThat(rules.getSpec().getGroups().getFirst().getRules()).hasSizeGreaterThan(8);
    assertThat(Chart.FOLDER.resolve("files/prometheus-rules.yaml"))
        .as("the chart's copy")
        .hasSameTextualContentAs(Path.of("..", "conf", "prometheus-rules.yaml"));
  }

  @Test
  void nothingSecretIsInTheConfigurationAndBothSecretsAreLong() throws IOException {
    List<HasMetadata> objects = Chart.with("trial").render();
    var secret = one(objects, io.fabric8.kubernetes.api.model.Secret.class);
    assertThat(secret.getMetadata().getAnnotations())
        .containsEntry("helm.sh/resource-policy", "keep");
    assertThat(secret.getData()).containsOnlyKeys("secret-key", "api-token", "redis-password");
    assertThat(secret.getData().values())
        .allSatisfy(value -> assertThat(value).hasSizeGreaterThan(40))
        .doesNotHaveDuplicates();
    assertThat(secret.getData().values())
        .allSatisfy(value -> assertThat(config(objects)).doesNotContain(value));
  }

  @Test
  void theChartIsOfTheProjectsVersion() throws IOException {
    Matcher version =
        Pattern.compile("<artifactId>buildman-parent</artifactId>\\s*<version>([^<]+)<")
            .matcher(Files.readString(Path.of("..", "pom.xml")));
    assertThat(version.find()).isTrue();
    assertThat(Chart.yaml(Chart.FOLDER.resolve("Chart.yaml")))
        .containsEntry("appVersion", version.group(1));
  }

  private Settings settings(List<HasMetadata> objects) throws IOException {
    String text = config(objects);
    // The pod's files, here.
    Matcher files = MOUNTED.matcher(text);
    while (files.find()) {
      Path file = folder.resolve("pod" + files.group());
      Files.createDirectories(file.getParent());
      Files.writeString(file, "0123456789abcdef0123456789abcdef");
    }
    Path config = folder.resolve("config.yaml");
    Files.writeString(
        config, text.replace("/etc/buildman-", folder.resolve("pod/etc/buildman-").toString()));
    ConfigResult<Settings> result =
        new ConfigReader(Map.of("ELSEWHERE_TOKEN", "token"))
            .read(
                config, top -> Settings.parse(top, new Places(Path.of("agent"), Path.of("data"))));
    Settings settings = result.orThrow();
    assertThat(result.warnings()).isEmpty();
    return settings;
  }

  private static String config(List<HasMetadata> objects) {
    return all(objects, ConfigMap.class)
        .filter(map -> map.getData().containsKey("config.yaml"))
        .findFirst()
        .orElseThrow()
        .getData()
        .get("config.yaml");
  }

  private static String podSecurity(List<HasMetadata> objects) {
    return one(objects, Namespace.class)
        .getMetadata()
        .getLabels()
        .get("pod-security.kubernetes.io/enforce");
  }

  private static PodSpec pod(List<HasMetadata> objects) {
    return one(objects, Deployment.class).getSpec().getTemplate().getSpec();
  }

  private static <T extends HasMetadata> T one(List<HasMetadata> objects, Class<T> type) {
    List<T> found = all(objects, type).collect(Collectors.toList());
    assertThat(found).as(type.getSimpleName()).hasSize(1);
    return found.getFirst();
  }

  private static <T extends HasMetadata> Stream<T> all(List<HasMetadata> objects, Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast);
  }

  private static String name(HasMetadata object) {
    return object.getMetadata().getName();
  }

  private static String namespace(HasMetadata object) {
    return object.getMetadata().getNamespace() + "/";
  }
}
