package dev.buildman.client;

import dev.buildman.model.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a manager's clients' listener is, and how to speak to it.
 *
 * @param tls whether the connection is encrypted
 * @param ca certificates to trust, PEM; empty: the JDK's
 * @param token the manager's API token; empty: none
 */
public record Endpoint(String host, int port, boolean tls, Optional<Path> ca, Secret token) {

  /** Where a manager listens by default. */
  public static final String DEFAULT_SERVER = "127.0.0.1:55051";

  private static final int DEFAULT_PORT = 55051;

  /**
   * Reads {@code host[:port]}, {@code http://host[:port]} or {@code https://host[:port]}.
   *
   * @throws IllegalArgumentException with a sentence for people
   */
  public static Endpoint parse(String server, Optional<Path> ca, Secret token) {
    String url = server.contains("://") ? server : "http://" + server;
    URI uri;
    try {
      uri = URI.create(url);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(badServer(server), e);
    }
    boolean tls = "https".equals(uri.getScheme());
    boolean known = tls || "http".equals(uri.getScheme());
    String path = uri.getPath();
    if (!known || uri.getHost() == null || !(path == null || path.isEmpty() || path.equals("/"))) {
      throw new IllegalArgumentException(badServer(server));
    }
    int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
    return new Endpoint(uri.getHost(), port, tls || ca.isPresent(), ca, token);
  }

  private static String badServer(String server) {
    return "'%s' is no server: give host[:port], or https://host[:port] for TLS".formatted(server);
  }

  /** Whether what is sent stays on this machine. */
  public boolean isLoopback() {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }

  /** {@code host:port}, as people write it. */
  public String address() {
    return host + ":" + port;
  }
}
