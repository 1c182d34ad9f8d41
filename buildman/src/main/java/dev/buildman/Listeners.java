package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.config.HostPort;
import dev.buildman.model.Secret;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a manager listens.
 *
 * @param agents workers' agents
 * @param clients people and registries
 * @param metrics metrics and health
 */
public record Listeners(Edge agents, Edge clients, HostPort metrics) {

  /** A certificate chain and its key, both PEM. */
  public record Tls(Path certificate, Path key) {}

  /**
   * The two listeners of one kind of caller.
   *
   * @param tls absent: plaintext
   */
  public record Edge(HostPort grpc, HostPort http, Optional<Tls> tls) {}

  /**
   * Reads {@code BUILDMAN}'s addresses.
   *
   * @param apiTokens without one, clients are served on loopback only
   */
  static Listeners parse(ConfigMap ours, List<Secret> apiTokens) {
    Edge agents =
        new Edge(
            ours.hostPort("AGENTS_LISTEN", new HostPort("0.0.0.0", 55_443)),
            ours.hostPort("AGENTS_HTTP_LISTEN", new HostPort("0.0.0.0", 55_080)),
            tls(ours.section("AGENTS_TLS")));
    Edge clients =
        new Edge(
            ours.hostPort("CLIENTS_LISTEN", new HostPort("127.0.0.1", 55_051)),
            ours.hostPort("CLIENTS_HTTP_LISTEN", new HostPort("127.0.0.1", 8080)),
            tls(ours.section("CLIENTS_TLS")));
    HostPort metrics = ours.hostPort("METRICS_LISTEN", new HostPort("127.0.0.1", 9092));
    if (apiTokens.isEmpty()) {
      needsToken(ours, "CLIENTS_LISTEN", clients.grpc());
      needsToken(ours, "CLIENTS_HTTP_LISTEN", clients.http());
    }
    Listeners listeners = new Listeners(agents, clients, metrics);
    listeners.checkPorts(ours);
    return listeners;
  }

  private static Optional<Tls> tls(ConfigMap map) {
    Optional<Path> certificate = map.file("CERT");
    Optional<Path> key = map.file("KEY");
    if (map.has("CERT") != map.has("KEY")) {
      map.problem(map.has("CERT") ? "CERT" : "KEY", "CERT and KEY belong together; one is missing");
    }
    return certificate.flatMap(cert -> key.map(file -> new Tls(cert, file)));
  }

  private static void needsToken(ConfigMap ours, String key, HostPort address) {
    if (!address.isLoopback()) {
      ours.problem(
          key, address + " can be reached by others: set API_TOKEN, or listen on 127.0.0.1");
    }
  }

  private void checkPorts(ConfigMap ours) {
    Map<Integer, String> taken = new HashMap<>();
    Map<String, HostPort> all =
        Map.of(
            "AGENTS_LISTEN", agents.grpc(),
            "AGENTS_HTTP_LISTEN", agents.http(),
            "CLIENTS_LISTEN", clients.grpc(),
            "CLIENTS_HTTP_LISTEN", clients.http(),
            "METRICS_LISTEN", metrics);
    all.keySet().stream()
        .sorted()
        .filter(key -> all.get(key) != null && port(all, key) != 0)
        .forEach(
            key -> {
              String other = taken.putIfAbsent(port(all, key), key);
              if (other != null) {
                ours.problem(key, "port " + port(all, key) + " is that of " + other + " too");
              }
            });
  }

  private static int port(Map<String, HostPort> all, String key) {
    HostPort address = all.get(key);
    return address == null ? 0 : address.port();
  }
}
