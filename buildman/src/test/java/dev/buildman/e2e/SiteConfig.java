package dev.buildman.e2e;

import dev.buildman.redis.RedisSettings;
import java.util.Map;
import java.util.stream.Stream;

/** The configuration file of one manager of a site. */
record SiteConfig(Site site, RedisSettings redis, String prefix, ManagerProcess.Ports ports) {

  /** The key of executors that come before the others, as they stand in the file. */
  static final String BEFORE = "EXECUTORS";

  /** The file's text; the changes win over what stands here. */
  String text(Map<String, String> changes) {
    StringBuilder manager = new StringBuilder();
    StringBuilder executor = new StringBuilder();
    StringBuilder second = new StringBuilder();
    StringBuilder ours = new StringBuilder();
    defaults(changes);
    changes.forEach(
        (key, value) -> {
          if (key.startsWith("ORCHESTRATOR.") || key.equals(BEFORE)) {
            return;
          }
          if (key.startsWith("EXECUTOR.")) {
            line(executor, "        ", key.substring("EXECUTOR.".length()), value);
          } else if (key.startsWith("SECOND.")) {
            line(second, "        ", key.substring("SECOND.".length()), value);
          } else if (key.startsWith("BUILDMAN.")) {
            line(ours, "  ", key.substring("BUILDMAN.".length()), value);
          } else {
            line(manager, "    ", key, value);
          }
        });
    return """
    SECRET_KEY: a-secret-key-of-an-end-to-end-test
    SERVER_HOSTNAME: %s
    BUILDMAN_HOSTNAME: %s
    BUILD_MANAGER:
      - ephemeral
      -
    """
            .formatted(site.registry(), site.balancer().address())
        + manager
        + "    ORCHESTRATOR:\n"
        + orchestrator(changes)
        + "    EXECUTORS:\n"
        + changes.getOrDefault(BEFORE, "")
        + kind(executor)
        + executor
        + (second.isEmpty() ? "" : "      - EXECUTOR: popen\n" + second)
        + "BUILDMAN:\n"
        + ours;
  }

  private static String kind(StringBuilder executor) {
    String kind = "popen";
    if (executor.indexOf("K8S_API_SERVER:") >= 0) {
      kind = "kubernetesPodman";
    } else if (executor.indexOf("EC2_REGION:") >= 0) {
      kind = "ec2";
    } else if (executor.indexOf("WORKER_IMAGE:") >= 0) {
      kind = "docker";
    }
    return "      - EXECUTOR: " + kind + "\n";
  }

  private void defaults(Map<String, String> changes) {
    changes.putIfAbsent("ALLOWED_WORKER_COUNT", "4");
    changes.putIfAbsent("ORCHESTRATOR_PREFIX", prefix);
    if (Stream.of("K8S_API_SERVER", "EC2_REGION", "WORKER_IMAGE")
        .noneMatch(key -> changes.containsKey("EXECUTOR." + key))) {
      changes.putIfAbsent("EXECUTOR.WORK_DIR", site.workers().toString());
    }
    changes.putIfAbsent("EXECUTOR.INSECURE", "true");
    changes.putIfAbsent("EXECUTOR.CONTAINER_RUNTIME", "embedded");
    if (changes.keySet().stream().anyMatch(key -> key.startsWith("SECOND."))) {
      changes.putIfAbsent("SECOND.WORK_DIR", site.workers().toString());
      changes.putIfAbsent("SECOND.INSECURE", "true");
      changes.putIfAbsent("SECOND.CONTAINER_RUNTIME", "embedded");
    }
    changes.putIfAbsent("BUILDMAN.AGENTS_LISTEN", "127.0.0.1:" + ports.agents());
    changes.putIfAbsent("BUILDMAN.AGENTS_HTTP_LISTEN", "127.0.0.1:" + ports.sources());
    changes.putIfAbsent("BUILDMAN.CLIENTS_LISTEN", "127.0.0.1:" + ports.clients());
    changes.putIfAbsent("BUILDMAN.METRICS_LISTEN", "127.0.0.1:" + ports.metrics());
    changes.putIfAbsent("BUILDMAN.DATA_DIRECTORY", site.folder().resolve("data").toString());
    changes.putIfAbsent("BUILDMAN.RETRY_BACKOFF", "{FIRST: 500ms, MAX: 2s}");
  }

  private String orchestrator(Map<String, String> changes) {
    RedisSettings.Address address = address(redis);
    String text =
        "      REDIS_HOST: "
            + address.host()
            + "\n      REDIS_PORT: "
            + changes.getOrDefault("ORCHESTRATOR.REDIS_PORT", Integer.toString(address.port()))
            + "\n";
    return redis.login().password().isEmpty()
        ? text
        : text + "      REDIS_PASSWORD: '" + redis.login().password() + "'\n";
  }

  /** Where a standalone Redis is. */
  static RedisSettings.Address address(RedisSettings redis) {
    return switch (redis.topology()) {
      case RedisSettings.Topology.Standalone(RedisSettings.Address one) -> one;
      default -> throw new IllegalArgumentException("these tests want a standalone Redis");
    };
  }

  private static void line(StringBuilder text, String indent, String key, String value) {
    text.append(indent).append(key).append(": ").append(value).append('\n');
  }
}
