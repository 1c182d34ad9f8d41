package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigReader;
import dev.buildman.executor.Executor;
import dev.buildman.executor.ExecutorContract;
import dev.buildman.model.Installation;
import dev.buildman.runtime.Ticker;
import dev.buildman.testing.tools.SkippedTests;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The same contract on a real cluster, that of {@code KUBECONFIG}, when {@code
 * -Dbuildman.cluster=NAMESPACE} says where Jobs may be made; {@code -Dbuildman.cluster.image} is an
 * image with a shell whose entry runs {@code $TEST_AGENT}: for instance {@code busybox} with {@code
 * ENTRYPOINT ["sh", "-c", "exec sh -c \"$TEST_AGENT\""]}.
 */
@EnabledIf(
    value = "isWanted",
    disabledReason =
        "no cluster: set KUBECONFIG, -Dbuildman.cluster=NAMESPACE and"
            + " -Dbuildman.cluster.image=IMAGE")
class RealClusterIT extends ExecutorContract {
  private static final String NAMESPACE = System.getProperty("buildman.cluster", "");
  private static final String IMAGE = System.getProperty("buildman.cluster.image", "");

  static boolean isWanted() {
    boolean wanted = !NAMESPACE.isEmpty();
    if (!wanted) {
      SkippedTests.add("RealClusterIT", "needs a cluster: see its comment");
    }
    if (wanted && (System.getenv("KUBECONFIG") == null || IMAGE.isEmpty())) {
      throw new IllegalStateException(
          "-Dbuildman.cluster needs KUBECONFIG and -Dbuildman.cluster.image");
    }
    return wanted;
  }

  @Override
  protected Executor open(Installation installation) {
    String lines =
        """
        E:
          BUILDER_NAMESPACE: %s
          BUILDER_CONTAINER_IMAGE: %s
          AGENT: ours
          ISOLATION: restricted
          IMAGE_PULL_POLICY: IfNotPresent
          CONTAINER_MEMORY_REQUEST: 32Mi
          CONTAINER_MEMORY_LIMITS: 64Mi
          CONTAINER_CPU_REQUEST: 10m
          VOLUME_SIZE: 64Mi
        """
            .formatted(NAMESPACE, IMAGE);
    KubernetesSettings settings =
        new ConfigReader(Map.of())
            .readText(
                "cluster",
                lines,
                Path.of("/"),
                top -> KubernetesSettings.parse(top.section("E"), "1"))
            .orThrow();
    return new KubernetesExecutor(
        settings, installation, Ticker.system(), InstantSource.system(), Duration.ofSeconds(5));
  }
}
