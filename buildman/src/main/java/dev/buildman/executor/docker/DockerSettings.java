package dev.buildman.executor.docker;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.AgentKind;
import java.util.Map;

/** Settings of one executor of the kind {@code docker}. */
public record DockerSettings(
    ExecutorSettings common, DaemonAccess access, WorkerContainer worker, WorkerImage.Source image)
    implements ExecutorConfig {

  /** The kind's word in the configuration. */
  public static final String KIND = "docker";

  // Known for every executor, and without a meaning for a container.
  private static final String[] NOT_HERE = {"EXECUTOR", "SSH_AUTHORIZED_KEYS"};

  /**
   * Reads an executor's map.
   *
   * @param ourVersion tag of the worker image where none is given
   */
  public static DockerSettings parse(ConfigMap map, String ourVersion) {
    for (String key : NOT_HERE) {
      map.has(key);
    }
    AgentKind agent = map.has("WORKER_IMAGE") ? AgentKind.QUAY : AgentKind.OURS;
    ExecutorSettings common = ExecutorSettings.parse(map, KIND, agent, "docker");
    return new DockerSettings(
        common.withEnvironment(map.flag("INSECURE", false) ? Map.of("INSECURE", "true") : Map.of()),
        DaemonAccess.parse(map),
        WorkerContainer.parse(map, common),
        WorkerImage.Source.parse(map, ourVersion));
  }
}
