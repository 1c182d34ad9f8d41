package dev.buildman.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.chart.Reachability.End;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What strangers' code in a worker reaches, and who reaches what it must not. */
class ChartNetworkIT {
  private static final int AGENTS = 55443;
  private static final int SOURCES = 55080;
  private static final int CLIENTS = 55051;
  private static final int METRICS = 9092;

  private List<HasMetadata> objects;
  private Reachability network;
  private End worker;
  private End manager;

  @BeforeEach
  void production() {
    read("production");
  }

  private void read(String values) {
    objects = Chart.with(values).render();
    network = Reachability.of(objects);
    worker =
        End.pod(
            first(Namespace.class).getMetadata().getName(),
            Map.of("app.kubernetes.io/managed-by", "buildman"),
            Map.of());
    manager = end(first(Deployment.class).getSpec().getTemplate());
  }

  @ParameterizedTest
  @ValueSource(strings = {"trial", "production"})
  void workersReachTheManagersListenersForAgentsAndNoOther(String values) {
    read(values);
    assertThat(network.reaches(worker, manager, AGENTS)).isTrue();
    assertThat(network.reaches(worker, manager, SOURCES)).isTrue();
    assertThat(network.reaches(worker, manager, CLIENTS)).isFalse();
    assertThat(network.reaches(worker, manager, METRICS)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {80, 443, AGENTS})
  void workersReachNoOtherWorkerAndAreReachedByNobody(int port) {
    assertThat(network.reaches(worker, worker, port)).isFalse();
    assertThat(network.reaches(manager, worker, port)).isFalse();
    assertThat(network.reaches(End.outside("203.0.113.1"), worker, port)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "10.96.0.1, 443, false", // the API server's Service
    "192.168.1.10, 6443, false", // and a node's address
    "203.0.113.9, 443, false", // and a public one that the values name
    "2001:db8::9, 443, false",
    "169.254.169.254, 80, false", // a cloud's metadata
    "10.0.3.4, 6379, false", // somebody's Redis
    "fd00::1, 443, false",
    "203.0.113.10, 443, true", // registries
    "198.51.100.7, 22, true", // git
    "2001:db8::10, 443, true",
    "10.96.0.10, 53, true" // names
  })
  void workersReachWhatIsOutsideAndNothingPrivate(String address, int port, boolean reached) {
    assertThat(network.reaches(worker, End.outside(address), port)).isEqualTo(reached);
  }

  @ParameterizedTest
  @CsvSource({"registry, 5000, true", "registry, 22, false", "other, 5000, false"})
  void workersReachTheClustersOwnRegistryWhereTheValuesNameIt(
      String namespace, int port, boolean reached) {
    assertThat(network.reaches(worker, End.pod(namespace, Map.of(), Map.of()), port))
        .isEqualTo(reached);
  }

  @ParameterizedTest
  @CsvSource({
    "198.51.100.7, 55443, true", // agents outside, as the values name them
    "198.51.100.7, 55051, false",
    "192.0.2.1, 55051, true", // clients outside
    "192.0.2.1, 55443, false",
    "203.0.113.1, 55051, false"
  })
  void whoComesFromOutsideIsNamed(String address, int port, boolean reached) {
    assertThat(network.reaches(End.outside(address), manager, port)).isEqualTo(reached);
  }

  @ParameterizedTest
  @CsvSource({"55051, true", "9092, true", "55443, false"})
  void otherPodsOfTheClusterAreClientsAndPrometheus(int port, boolean reached) {
    End other = End.pod("platform", Map.of("app", "pipeline"), Map.of());
    assertThat(network.reaches(other, manager, port)).isEqualTo(reached);
  }

  @ParameterizedTest
  @ValueSource(ints = {6379})
  void onlyManagersReachTheRedisForTryingOut(int port) {
    read("trial");
    End redis = end(first(StatefulSet.class).getSpec().getTemplate());
    assertThat(network.reaches(manager, redis, port)).isTrue();
    assertThat(network.reaches(worker, redis, port)).isFalse();
    assertThat(network.reaches(End.pod("platform", Map.of(), Map.of()), redis, port)).isFalse();
  }

  private <T extends HasMetadata> T first(Class<T> type) {
    return objects.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
  }

  private static End end(PodTemplateSpec pod) {
    return End.pod(
        Chart.NAMESPACE,
        pod.getMetadata().getLabels(),
        pod.getSpec().getContainers().getFirst().getPorts().stream()
            .collect(Collectors.toMap(ContainerPort::getName, ContainerPort::getContainerPort)));
  }
}
