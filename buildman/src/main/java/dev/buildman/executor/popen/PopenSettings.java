package dev.buildman.executor.popen;

import dev.buildman.config.ConfigMap;
import dev.buildman.executor.AgentVariables;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.model.AgentKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Settings of one popen executor.
 *
 * @param binary the agent's program, {@code BUILDER_BINARY_LOCATION}
 * @param workDirectory holds the workers' folders, {@code WORK_DIR}; made when missing
 * @param grace from the polite signal to the one that cannot be caught
 */
public record PopenSettings(
    ExecutorSettings common, Path binary, Path workDirectory, Duration grace)
    implements ExecutorConfig {

  /** The kind's word in the configuration. */
  public static final String KIND = "popen";

  /** Enough for an agent to end its engine and remove its files. */
  public static final Duration GRACE = Duration.ofSeconds(10);

  private static final Path QUAYS_AGENT = Path.of("/usr/local/bin/quay-builder");

  // Known for every executor, and without a meaning for a local process.
  private static final String[] NOT_HERE = {
    "EXECUTOR",
    "QUAY_USERNAME",
    "QUAY_PASSWORD",
    "WORKER_IMAGE",
    "WORKER_TAG",
    "SSH_AUTHORIZED_KEYS"
  };

  /**
   * Reads an executor's map.
   *
   * @param ourAgent our own agent's program, beside the manager's
   * @param workDirectory where no {@code WORK_DIR} is given
   */
  public static PopenSettings parse(ConfigMap map, Path ourAgent, Path workDirectory) {
    for (String key : NOT_HERE) {
      map.has(key);
    }
    boolean quays = map.has("BUILDER_BINARY_LOCATION") || Files.isExecutable(QUAYS_AGENT);
    ExecutorSettings common =
        ExecutorSettings.parse(map, KIND, quays ? AgentKind.QUAY : AgentKind.OURS, "docker");
    Path usual = common.agent() == AgentKind.QUAY ? QUAYS_AGENT : ourAgent;
    return new PopenSettings(
        common.withEnvironment(environment(map)),
        map.path("BUILDER_BINARY_LOCATION").orElse(usual),
        map.path("WORK_DIR").orElse(workDirectory),
        GRACE);
  }

  private static Map<String, String> environment(ConfigMap map) {
    Map<String, String> environment = new LinkedHashMap<>();
    AgentVariables.isolation(environment, map.text("BUILDAH_ISOLATION", "chroot"));
    for (String daemon : List.of("DOCKER_HOST", "DOCKER_CERT_PATH", "BUILDKIT_HOST")) {
      map.text(daemon).ifPresent(value -> environment.put(daemon, value));
    }
    if (map.flag("DOCKER_TLS_VERIFY", false)) {
      environment.put("DOCKER_TLS_VERIFY", "1");
    }
    if (map.flag("INSECURE", false)) {
      environment.put("INSECURE", "true");
    }
    map.file("CA_CERT").ifPresent(file -> AgentVariables.authority(environment, file.toString()));
    map.file("EXTRA_CA_CERTS")
        .ifPresent(file -> AgentVariables.moreAuthorities(environment, file.toString()));
    return environment;
  }
}
