package dev.buildman.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that no manager could work with are refused before anything is changed. */
class ChartRefusalIT {
  private static final String GOOD =
      """
      registry: {host: registry.example.com}
      redis: {host: redis.example.com}
      """;

  @TempDir private Path folder;

  @Test
  void theSmallestValuesAreTaken() throws IOException {
    assertThat(Chart.withFile(values(GOOD)).render()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "replica: 2 | replica",
        "replicas: two | replicas",
        "replicas: -1 | replicas",
        "drainTimeout: 0 | drainTimeout",
        "drainTimeout: 60s | drainTimeout",
        "image: {pullPolicy: Sometimes} | pullPolicy",
        "image: {digest: abc} | digest",
        "image: {repositry: x} | repositry",
        "workers: {isolation: none} | isolation",
        "workers: {max: -1} | max",
        "workers: {memory: {request: 4 GiB}} | request",
        "workers: {namespace: Builds} | namespace",
        "workers: {settings: {BUILDER_NAMESPACE: x}} | settings",
        "workers: {tolerations: [{key: a, effect: Never}]} | effect",
        "config: {buildman: {DRAIN_TIMEOUT: 5}} | buildman",
        "config: {manager: {EXECUTORS: []}} | manager",
        "config: {top: {SECRET_KEY: x}} | top",
        "config: {executors: [{NAME: x}]} | EXECUTOR",
        "sources: {accessMode: Shared} | accessMode",
        "services: {agents: {type: Ingress}} | type",
        "networkPolicy: {closed: [everything]} | closed",
        "monitoring: {serviceMonitor: {interval: often}} | interval",
        "seccomp: {kubeletRoot: var/lib} | kubeletRoot",
        "podLabels: {team: 7} | podLabels",
        "tls: {agents: {privateAuthority: true}} | tls.agents.secret",
        "replicas: 2 | sources.accessMode",
        "workers: {namespace: buildman} | another one than the release's",
        "redis: {host: a, trial: {enabled: true}} | given: redis.host, redis.trial.enabled",
        "redis: {host: '', sentinels: ['a:26379']} | sentinelMaster",
        "redis: {host: ''} | given: none",
        "redis: {host: a, auth: true} | existingSecret",
        "registry: {host: ''} | registry.host is needed"
      })
  void isRefusedWithTheNameOfTheValue(String bad, String named) throws IOException {
    Path values =
        values(GOOD.replaceAll("(?m)^" + bad.replaceFirst(":.*", "") + ":.*\n", "") + bad);
    assertThatThrownBy(() -> Chart.withFile(values).text()).hasMessageContaining(named);
  }

  private Path values(String text) throws IOException {
    return Files.writeString(folder.resolve("values.yaml"), text);
  }
}
