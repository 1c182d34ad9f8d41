package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.AgentKind;
import java.time.Duration;
import java.util.Map;

/**
 * Settings of one executor of the kind {@code kubernetesPodman}: Jobs that run the agent itself.
 *
 * @param common whose longest life of a worker is the shorter of MAX_LIFETIME_S and
 *     MAXIMUM_JOB_TIME
 * @param namespace that the Jobs are made in; best one of their own
 */
public record KubernetesSettings(
    ExecutorSettings common, ApiAccess access, String namespace, WorkerPod pod)
    implements ExecutorConfig {

  /** The kind's word in the configuration. */
  public static final String KIND = "kubernetesPodman";

  private static final String NAMESPACE = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

  // Known for every executor, or for the kind that boots a machine, and without a meaning here.
  private static final String[] NOT_HERE = {
    "EXECUTOR",
    "QUAY_USERNAME",
    "SSH_AUTHORIZED_KEYS",
    "BUILDER_VM_CONTAINER_IMAGE",
    "VM_MEMORY_LIMIT"
  };

  /**
   * Reads an executor's map.
   *
   * @param ourVersion tag of the worker image where none is given
   */
  public static KubernetesSettings parse(ConfigMap map, String ourVersion) {
    for (String key : NOT_HERE) {
      map.has(key);
    }
    boolean quays = map.has("BUILDER_CONTAINER_IMAGE") || map.has("WORKER_IMAGE");
    ExecutorSettings common =
        ExecutorSettings.parse(map, KIND, quays ? AgentKind.QUAY : AgentKind.OURS, "podman");
    Duration jobTime = map.duration("MAXIMUM_JOB_TIME", Duration.ofSeconds(7200));
    return new KubernetesSettings(
        common
            .withMaxLifetime(min(jobTime, common.maxLifetime()))
            .withEnvironment(map.flag("INSECURE", false) ? Map.of("INSECURE", "true") : Map.of()),
        ApiAccess.parse(map),
        map.as("BUILDER_NAMESPACE", KubernetesSettings::namespace).orElse("builder"),
        WorkerPod.parse(map, common, ourVersion));
  }

  private static String namespace(String text) {
    if (!text.matches(NAMESPACE)) {
      throw new IllegalArgumentException(
          "is no name of a namespace: at most 63 of a-z, 0-9 and '-', a letter or digit at the"
              + " ends");
    }
    return text;
  }

  private static Duration min(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
