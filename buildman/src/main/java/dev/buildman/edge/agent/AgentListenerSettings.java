package dev.buildman.edge.agent;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Where and how agents are listened to.
 *
 * @param address port 0 takes a free one
 * @param tls empty: plaintext
 * @param drainTimeout how long open streams are kept when the manager ends
 * @param rates what agents may send
 * @param version of this manager, told by Ping
 */
public record AgentListenerSettings(
    InetSocketAddress address,
    Optional<Tls> tls,
    Duration drainTimeout,
    AgentRates rates,
    String version) {

  /** PEM files; read again while running, as certificates are renewed. */
  public record Tls(Path certificates, Path key) {}
}
