package dev.buildman.edge.client;

import dev.buildman.model.Secret;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Where and how clients are listened to.
 *
 * @param address port 0 takes a free one
 * @param tls empty: plaintext
 * @param tokens asked at every call, as they may change while the manager runs; one of them must be
 *     shown; none: loopback only
 */
public record ClientListenerSettings(
    InetSocketAddress address, Optional<Tls> tls, Supplier<List<Secret>> tokens) {

  /** PEM files; read again while running, as certificates are renewed. */
  public record Tls(Path certificates, Path key) {}
}
