package dev.buildman.standalone;

/**
 * The manager's configuration of a standalone.
 *
 * @param workers {@code ALLOWED_WORKER_COUNT}
 * @param ports all on loopback
 */
public record StandaloneConfig(int workers, PortSet ports) {

  /** File of the installation's secret, in the data folder. */
  public static final String SECRET_KEY = "secret-key";

  /** File of Redis's password, in the data folder. */
  public static final String REDIS_PASSWORD = "redis-password";

  /** The ports that were chosen. */
  public record PortSet(
      int redis, int registry, int agents, int sources, int clients, int metrics) {}

  /** The file's text; secrets stand in files of their own beside it. */
  public String text() {
    return """
    # Written anew at every start of a standalone. While it runs, the keys that config.yaml.example
    # marks (live) may be edited here.
    SECRET_KEY_FILE: %s
    SERVER_HOSTNAME: 127.0.0.1:%d
    PREFERRED_URL_SCHEME: http
    BUILDMAN_HOSTNAME: 127.0.0.1:%d
    BUILD_MANAGER:
    - ephemeral
    - ALLOWED_WORKER_COUNT: %d
      ORCHESTRATOR:
        REDIS_HOST: 127.0.0.1
        REDIS_PORT: %d
        REDIS_PASSWORD_FILE: %s
      EXECUTORS:
      - EXECUTOR: popen
        NAME: local
        AGENT: ours
        INSECURE: true
    BUILDMAN:
      DATA_DIRECTORY: .
      AGENTS_LISTEN: 127.0.0.1:%d
      AGENTS_HTTP_LISTEN: 127.0.0.1:%d
      CLIENTS_LISTEN: 127.0.0.1:%d
      METRICS_LISTEN: 127.0.0.1:%d
      DRAIN_TIMEOUT: 5s
    """
        .formatted(
            SECRET_KEY,
            ports.registry(),
            ports.agents(),
            workers,
            ports.redis(),
            REDIS_PASSWORD,
            ports.agents(),
            ports.sources(),
            ports.clients(),
            ports.metrics());
  }
}
