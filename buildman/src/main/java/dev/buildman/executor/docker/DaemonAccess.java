package dev.buildman.executor.docker;

import dev.buildman.config.ConfigMap;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the daemon listens.
 *
 * @param uri {@code unix:///path} or {@code tcp://host:port}
 */
record DaemonAccess(URI uri, Optional<Tls> tls) {
  private static final URI SOCKET = URI.create("unix:///var/run/docker.sock");

  /**
   * Files in PEM.
   *
   * @param authority of the daemon's certificate; empty: those that the machine trusts
   * @param certificate the manager's own
   */
  record Tls(Optional<Path> authority, Path certificate, Path key) {}

  static DaemonAccess parse(ConfigMap map) {
    URI uri = map.as("DOCKER_HOST", DaemonAccess::uri).orElse(SOCKET);
    Optional<Path> authority = map.file("DOCKER_TLS_CA");
    Optional<Path> certificate = map.file("DOCKER_TLS_CERT");
    Optional<Path> key = map.file("DOCKER_TLS_KEY");
    boolean any = authority.isPresent() || certificate.isPresent() || key.isPresent();
    if (any && uri.getScheme().equals("unix")) {
      map.problem("DOCKER_HOST", "is a socket, and DOCKER_TLS_* are for tcp://host:port");
    }
    if (any && (certificate.isEmpty() || key.isEmpty())) {
      map.problem(
          certificate.isEmpty() ? "DOCKER_TLS_CERT" : "DOCKER_TLS_KEY",
          "is missing: a daemon with TLS knows its clients by DOCKER_TLS_CERT and DOCKER_TLS_KEY");
      return new DaemonAccess(uri, Optional.empty());
    }
    if (!any && uri.getScheme().equals("tcp") && !isLoopback(uri)) {
      map.warning(
          "DOCKER_HOST", "without DOCKER_TLS_*: who reaches that port is root of that machine");
    }
    return new DaemonAccess(
        uri, certificate.map(file -> new Tls(authority, file, key.orElseThrow())));
  }

  private static URI uri(String text) {
    try {
      URI uri = URI.create(text);
      String scheme = String.valueOf(uri.getScheme());
      if (scheme.equals("unix") && uri.getHost() == null && uri.getPath().startsWith("/")) {
        return uri;
      }
      if (scheme.equals("tcp") && uri.getHost() != null && uri.getPort() > 0) {
        return URI.create("tcp://" + uri.getAuthority());
      }
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
    throw wrong(null);
  }

  private static IllegalArgumentException wrong(@Nullable Throwable cause) {
    return new IllegalArgumentException(
        "is no daemon's address; give unix:///path/of/socket or tcp://host:port", cause);
  }

  private static boolean isLoopback(URI uri) {
    return uri.getHost().equals("localhost") || uri.getHost().startsWith("127.");
  }

  /** Whether only this machine's managers can see its workers. */
  boolean isLocal() {
    return uri.getScheme().equals("unix");
  }

  @Override
  public String toString() {
    return uri.toString();
  }
}
