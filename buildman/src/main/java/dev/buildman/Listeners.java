package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.config.HostPort;
import dev.buildman.model.Secret;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Where a manager listens.
 *
 * @param agents workers' agents: gRPC
 * @param sources signed URLs of uploaded sources, for agents; with the agents' certificate
 * @param clients people and registries: gRPC
 * @param metrics metrics and health
 */
public record Listeners(Secured agents, HostPort sources, Secured clients, HostPort metrics) {

  /** A certificate chain and its key, both PEM. */
  public record Tls(Path certificate, Path key) {}

  /**
   * An address with its certificate.
   *
   * @param tls absent: plaintext
   */
  public record Secured(HostPort address, Optional<Tls> tls) {}

  /**
   * Reads {@code BUILDMAN}'s addresses.
   *
   * @param apiTokens without one, clients are served on loopback only
   */
  static Listeners parse(ConfigMap ours, List<Secret> apiTokens) {
    Listeners listeners =
        new Listeners(
            new Secured(
                ours.hostPort("AGENTS_LISTEN", new HostPort("0.0.0.0", 55_443)),
                tls(ours.section("AGENTS_TLS"))),
            ours.hostPort("AGENTS_HTTP_LISTEN", new HostPort("0.0.0.0", 55_080)),
            new Secured(
                ours.hostPort("CLIENTS_LISTEN", new HostPort("127.0.0.1", 55_051)),
                tls(ours.section("CLIENTS_TLS"))),
            ours.hostPort("METRICS_LISTEN", new HostPort("127.0.0.1", 9092)));
    HostPort clients = listeners.clients().address();
    if (apiTokens.isEmpty() && !clients.isLoopback()) {
      ours.problem(
          "CLIENTS_LISTEN",
          clients + " can be reached by others: set API_TOKEN, or listen on 127.0.0.1");
    }
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

  private void checkPorts(ConfigMap ours) {
    Map<Integer, String> taken = new HashMap<>();
    SequencedMap<String, HostPort> all = new LinkedHashMap<>();
    all.put("AGENTS_LISTEN", agents.address());
    all.put("AGENTS_HTTP_LISTEN", sources);
    all.put("CLIENTS_LISTEN", clients.address());
    all.put("METRICS_LISTEN", metrics);
    all.forEach(
        (key, address) -> {
          String other = address.port() == 0 ? null : taken.putIfAbsent(address.port(), key);
          if (other != null) {
            ours.problem(key, "port " + address.port() + " is that of " + other + " too");
          }
        });
  }
}
