package dev.buildman.executor.kubernetes;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.AgentKind;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of one executor whose workers are Jobs.
 *
 * @param common whose longest life of a worker is the shorter of MAX_LIFETIME_S and
 *     MAXIMUM_JOB_TIME
 * @param namespace that the Jobs are made in; best one of their own
 * @param machine that each pod boots; empty: the pod runs the agent itself
 */
public record KubernetesSettings(
    ExecutorSettings common,
    ApiAccess access,
    String namespace,
    WorkerPod pod,
    Optional<VirtualMachine> machine)
    implements ExecutorConfig {

  /** The word in the configuration for Jobs that run the agent. */
  public static final String AGENTS = "kubernetesPodman";

  /** The word in the configuration for Jobs that boot a machine. */
  public static final String MACHINES = "kubernetes";

  private static final String NAMESPACE = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";

  // Known for every executor, or for the kind that boots a machine, and without a meaning here.
  private static final String[] NOT_OF_AGENTS = {
    "QUAY_USERNAME", "SSH_AUTHORIZED_KEYS", "BUILDER_VM_CONTAINER_IMAGE", "VM_MEMORY_LIMIT"
  };

  /**
   * Reads the map of an executor that runs agents in pods.
   *
   * @param ourVersion tag of the worker image where none is given
   */
  public static KubernetesSettings parse(ConfigMap map, String ourVersion) {
    map.has("EXECUTOR");
    for (String key : NOT_OF_AGENTS) {
      map.has(key);
    }
    boolean quays = map.has("BUILDER_CONTAINER_IMAGE") || map.has("WORKER_IMAGE");
    ExecutorSettings common = common(map, AGENTS, quays, "podman");
    WorkerPod pod = WorkerPod.ofAgent(map, common, ourVersion);
    return new KubernetesSettings(
        common, ApiAccess.parse(map), namespace(map), pod, Optional.empty());
  }

  /**
   * Reads the map of an executor that boots machines in pods.
   *
   * @param ourVersion tag of the agent's image where none is given
   */
  public static KubernetesSettings parseMachines(ConfigMap map, String ourVersion) {
    map.has("EXECUTOR");
    map.has("BUILDER_CONTAINER_IMAGE");
    ExecutorSettings common = common(map, MACHINES, map.has("WORKER_IMAGE"), "docker");
    VirtualMachine machine = VirtualMachine.parse(map, common, ourVersion);
    WorkerPod pod = WorkerPod.ofMachine(map, common, machine);
    return new KubernetesSettings(
        common, ApiAccess.parse(map), namespace(map), pod, Optional.of(machine));
  }

  private static ExecutorSettings common(
      ConfigMap map, String kind, boolean quays, String quaysRuntime) {
    ExecutorSettings common =
        ExecutorSettings.parse(map, kind, quays ? AgentKind.QUAY : AgentKind.OURS, quaysRuntime);
    Duration jobTime = map.duration("MAXIMUM_JOB_TIME", Duration.ofSeconds(7200));
    return common
        .withMaxLifetime(min(jobTime, common.maxLifetime()))
        .withEnvironment(map.flag("INSECURE", false) ? Map.of("INSECURE", "true") : Map.of());
  }

  /** What the one container of a worker's pod is. */
  WorkerKind worker() {
    return machine
        .<WorkerKind>map(vm -> new MachineContainer(this, vm))
        .orElseGet(() -> new AgentContainer(this));
  }

  private static String namespace(ConfigMap map) {
    return map.as("BUILDER_NAMESPACE", KubernetesSettings::checked).orElse("builder");
  }

  private static String checked(String text) {
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
