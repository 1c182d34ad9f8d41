package dev.buildman.agent.engine.docker;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a daemon listens, by the variables that its own command-line program heeds.
 *
 * @param uri {@code unix:///path} or {@code tcp://host:port}
 * @param certificates a folder with {@code ca.pem}, {@code cert.pem} and {@code key.pem}; null: no
 *     TLS
 * @param verify whether the daemon's certificate is checked
 * @param named whether the operator named it, or it is only the usual place
 */
public record DaemonAddress(URI uri, @Nullable Path certificates, boolean verify, boolean named) {
  private static final String DOCKERS_SOCKET = "/var/run/docker.sock";
  private static final String PODMANS_SOCKET = "/run/podman/podman.sock";

  /**
   * Docker's daemon: {@code DOCKER_HOST} with {@code DOCKER_CERT_PATH} and {@code
   * DOCKER_TLS_VERIFY}, else {@code /var/run/docker.sock}.
   *
   * @throws IllegalArgumentException saying which variable is wrong and what to give
   */
  public static DaemonAddress docker(Map<String, String> variables) {
    return of(variables, List.of(DOCKERS_SOCKET));
  }

  /**
   * Podman's: {@code DOCKER_HOST} too, as Quay's worker has it, else the socket of the user's
   * service in {@code XDG_RUNTIME_DIR}, else the machine's.
   *
   * @throws IllegalArgumentException as {@link #docker}
   */
  public static DaemonAddress podman(Map<String, String> variables) {
    String runtime = variables.getOrDefault("XDG_RUNTIME_DIR", "");
    return of(
        variables,
        runtime.isEmpty()
            ? List.of(PODMANS_SOCKET)
            : List.of(runtime + "/podman/podman.sock", PODMANS_SOCKET));
  }

  private static DaemonAddress of(Map<String, String> variables, List<String> usual) {
    String host = variables.getOrDefault("DOCKER_HOST", "").strip();
    if (host.isEmpty()) {
      String socket =
          usual.stream()
              .filter(path -> Files.exists(Path.of(path)))
              .findFirst()
              .orElse(usual.getLast());
      return new DaemonAddress(URI.create("unix://" + socket), null, false, false);
    }
    URI uri = uri(host);
    String folder = variables.getOrDefault("DOCKER_CERT_PATH", "").strip();
    boolean verify = !variables.getOrDefault("DOCKER_TLS_VERIFY", "").isEmpty();
    if (verify && folder.isEmpty()) {
      throw new IllegalArgumentException(
          "DOCKER_TLS_VERIFY is set and DOCKER_CERT_PATH is not: name the folder of ca.pem,"
              + " cert.pem and key.pem");
    }
    boolean tls = uri.getScheme().equals("tcp") && !folder.isEmpty();
    return new DaemonAddress(uri, tls ? Path.of(folder) : null, verify, true);
  }

  private static URI uri(String host) {
    try {
      URI uri = URI.create(host);
      String scheme = String.valueOf(uri.getScheme());
      if (scheme.equals("unix") && uri.getPath().startsWith("/") && uri.getHost() == null) {
        return uri;
      }
      if ((scheme.equals("tcp") || scheme.equals("http") || scheme.equals("https"))
          && uri.getHost() != null
          && uri.getPort() > 0) {
        return URI.create("tcp://" + uri.getAuthority());
      }
    } catch (IllegalArgumentException e) {
      throw wrong(host, e);
    }
    throw wrong(host, null);
  }

  private static IllegalArgumentException wrong(String host, @Nullable Throwable cause) {
    return new IllegalArgumentException(
        "DOCKER_HOST is '" + host + "': give unix:///path/of/socket or tcp://host:port", cause);
  }

  /** The socket's path; empty for an address over the network. */
  public Optional<Path> socket() {
    return uri.getScheme().equals("unix") ? Optional.of(Path.of(uri.getPath())) : Optional.empty();
  }

  @Override
  public String toString() {
    return uri.toString();
  }
}
