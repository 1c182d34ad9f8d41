package dev.buildman.redis;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where one Redis is and how to speak to it: the keys of {@code ORCHESTRATOR} or {@code
 * BUILDLOGS_REDIS}.
 *
 * @param database logical database; 0 in a cluster
 * @param behaviour what is ours, not the server's
 */
public record RedisSettings(
    Topology topology, Login login, Optional<Tls> tls, int database, Behaviour behaviour) {

  /** {@code host:port}. */
  public record Address(String host, int port) {
    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /** How the servers hang together. */
  public sealed interface Topology {
    /** One server: {@code REDIS_HOST}, {@code REDIS_PORT}. */
    record Standalone(Address server) implements Topology {}

    /** {@code REDIS_SENTINELS} know who the primary of {@code REDIS_SENTINEL_MASTER} is. */
    record Sentinel(List<Address> sentinels, String master) implements Topology {}

    /** {@code REDIS_CLUSTER_NODES}: some nodes, from which the others are found. */
    record Cluster(List<Address> nodes) implements Topology {}
  }

  /**
   * {@code REDIS_USERNAME}, {@code REDIS_PASSWORD}; empty: none. The password is never shown.
   *
   * @param username empty: the default user
   */
  public record Login(String username, String password) {
    /** Without a password. */
    public static final Login NONE = new Login("", "");

    @Override
    public String toString() {
      return username.isEmpty() ? "" : username + ":***";
    }
  }

  /**
   * {@code REDIS_SSL}. The server's name and certificate are always checked.
   *
   * @param authorities {@code REDIS_CA_CERT}, PEM; empty: the JDK's
   * @param identity {@code REDIS_CERT_AND_KEY}; empty: no client certificate
   */
  public record Tls(Optional<Path> authorities, Optional<Identity> identity) {}

  /** A client certificate and its key, both PEM. */
  public record Identity(Path certificate, Path key) {}

  /**
   * @param timeout {@code REDIS_TIMEOUT}: limit of one command
   * @param waitReplicas {@code REDIS_WAIT_REPLICAS}: replicas that must have an enqueue before it
   *     is acknowledged
   * @param skipKeyspaceEvents {@code REDIS_SKIP_KEYSPACE_EVENT_SETUP}: leave the server's
   *     configuration alone
   */
  public record Behaviour(Duration timeout, int waitReplicas, boolean skipKeyspaceEvents) {
    public static final Behaviour DEFAULT = new Behaviour(Duration.ofSeconds(2), 0, false);
  }

  /** One server without a password. */
  public static RedisSettings standalone(String host, int port) {
    return new RedisSettings(
        new Topology.Standalone(new Address(host, port)),
        Login.NONE,
        Optional.empty(),
        0,
        Behaviour.DEFAULT);
  }

  /** The defaults of the configuration: a server on this machine. */
  public static RedisSettings defaults() {
    return standalone("127.0.0.1", 6379);
  }

  /** The same with a login. */
  public RedisSettings with(Login other) {
    return new RedisSettings(topology, other, tls, database, behaviour);
  }

  /** The same with other behaviour. */
  public RedisSettings with(Behaviour other) {
    return new RedisSettings(topology, login, tls, database, other);
  }

  /** For messages: addresses only. */
  public String where() {
    return switch (topology) {
      case Topology.Standalone(Address server) -> server.toString();
      case Topology.Sentinel(List<Address> sentinels, String master) ->
          "master " + master + " of the sentinels " + sentinels;
      case Topology.Cluster(List<Address> nodes) -> "the cluster of " + nodes;
    };
  }
}
