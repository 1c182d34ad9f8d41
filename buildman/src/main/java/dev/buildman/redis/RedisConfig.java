package dev.buildman.redis;

import dev.buildman.config.ConfigMap;
import dev.buildman.config.ConfigValue;
import dev.buildman.model.Secret;
import dev.buildman.redis.RedisSettings.Address;
import dev.buildman.redis.RedisSettings.Behaviour;
import dev.buildman.redis.RedisSettings.Identity;
import dev.buildman.redis.RedisSettings.Login;
import dev.buildman.redis.RedisSettings.Tls;
import dev.buildman.redis.RedisSettings.Topology;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads {@code ORCHESTRATOR} and {@code BUILDLOGS_REDIS}. */
public final class RedisConfig {

  private static final String HOST = "127.0.0.1";
  private static final int PORT = 6379;
  private static final int SENTINEL_PORT = 26_379;
  private static final int LAST_PORT = 65_535;
  private static final int MOST_DATABASES = 16_384;

  private RedisConfig() {}

  /** Reads the keys of the orchestrator's Redis. */
  public static RedisSettings orchestrator(ConfigMap map) {
    for (String key : List.copyOf(map.names())) {
      if (key.endsWith("_PREFIX")) {
        map.retired(key, "set ORCHESTRATOR_PREFIX beside ORCHESTRATOR instead");
      }
    }
    Behaviour usual = Behaviour.DEFAULT;
    Topology topology = topology(map);
    return new RedisSettings(
        topology,
        new Login(
            map.text("REDIS_USERNAME", ""),
            map.secret("REDIS_PASSWORD").orElse(Secret.NONE).reveal()),
        tls(map),
        database(map, "REDIS_DB", topology),
        new Behaviour(
            map.duration("REDIS_TIMEOUT", usual.timeout()),
            map.integer("REDIS_WAIT_REPLICAS", usual.waitReplicas(), 0, 100),
            map.flag("REDIS_SKIP_KEYSPACE_EVENT_SETUP", usual.skipKeyspaceEvents())));
  }

  /**
   * Reads the keys of the build logs' Redis; where none is set, it is the orchestrator's.
   *
   * @param orchestrator what stays the same: the certificates and the behaviour
   */
  public static RedisSettings buildLogs(ConfigMap map, RedisSettings orchestrator) {
    // Quay's library takes more keys here, which change nothing for us.
    map.ignoreRest();
    String host = map.text("host", "");
    int port = map.integer("port", PORT, 1, LAST_PORT);
    Secret password = map.secret("password").orElse(Secret.NONE);
    int database = map.integer("db", 0, 0, MOST_DATABASES);
    boolean ssl = map.flag("ssl", false);
    if (host.isEmpty()) {
      return orchestrator;
    }
    return new RedisSettings(
        new Topology.Standalone(new Address(host, port)),
        new Login("", password.reveal()),
        ssl
            ? orchestrator.tls().or(() -> Optional.of(new Tls(Optional.empty(), Optional.empty())))
            : Optional.empty(),
        database,
        orchestrator.behaviour());
  }

  private static Topology topology(ConfigMap map) {
    List<Address> sentinels = addresses(map, "REDIS_SENTINELS", SENTINEL_PORT);
    List<Address> nodes = addresses(map, "REDIS_CLUSTER_NODES", PORT);
    String host = map.text("REDIS_HOST", HOST);
    int port = map.integer("REDIS_PORT", PORT, 1, LAST_PORT);
    String master = map.text("REDIS_SENTINEL_MASTER", "");
    if (!sentinels.isEmpty() && !nodes.isEmpty()) {
      map.problem("REDIS_CLUSTER_NODES", "REDIS_SENTINELS is there too; keep one of the two");
    }
    if (sentinels.isEmpty() == !master.isEmpty()) {
      map.problem(
          sentinels.isEmpty() ? "REDIS_SENTINEL_MASTER" : "REDIS_SENTINELS",
          "REDIS_SENTINELS and REDIS_SENTINEL_MASTER belong together; one is missing");
    }
    if (!nodes.isEmpty()) {
      return new Topology.Cluster(nodes);
    }
    return sentinels.isEmpty()
        ? new Topology.Standalone(new Address(host, port))
        : new Topology.Sentinel(sentinels, master);
  }

  private static int database(ConfigMap map, String key, Topology topology) {
    int database = map.integer(key, 0, 0, MOST_DATABASES);
    if (topology instanceof Topology.Cluster && database != 0) {
      map.problem(key, "a cluster has database 0 only");
    }
    return database;
  }

  private static Optional<Tls> tls(ConfigMap map) {
    Optional<Path> authorities = map.file("REDIS_CA_CERT");
    List<Path> identity =
        map.values("REDIS_CERT_AND_KEY").stream()
            .map(value -> value.path(true))
            .flatMap(Optional::stream)
            .toList();
    if (map.has("REDIS_CERT_AND_KEY") && map.values("REDIS_CERT_AND_KEY").size() != 2) {
      map.problem("REDIS_CERT_AND_KEY", "is a list of two files: the certificate, then its key");
    }
    if (!map.flag("REDIS_SSL", false)) {
      for (String key : List.of("REDIS_CA_CERT", "REDIS_CERT_AND_KEY")) {
        if (map.has(key)) {
          map.warning(key, "has no effect while REDIS_SSL is false");
        }
      }
      return Optional.empty();
    }
    return Optional.of(
        new Tls(
            authorities,
            identity.size() == 2
                ? Optional.of(new Identity(identity.getFirst(), identity.getLast()))
                : Optional.empty()));
  }

  private static List<Address> addresses(ConfigMap map, String key, int port) {
    return map.values(key).stream()
        .map((ConfigValue value) -> value.hostPort(port))
        .flatMap(Optional::stream)
        .map(address -> new Address(address.host().toLowerCase(Locale.ROOT), address.port()))
        .toList();
  }
}
