package dev.buildman.executor.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.transport.SSLConfig;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Two clients of one daemon: for calls that are answered soon, and for streams. */
final class Daemon implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Daemon.class);
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** A daemon that makes a container on a busy disk takes seconds; one that hangs, for ever. */
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private static final int CONNECTIONS = 64;

  private final DaemonAccess access;
  private final DockerClient calls;
  private final DockerClient streams;

  /**
   * Connects when first used.
   *
   * @throws IllegalArgumentException when the files of its TLS are of no use
   */
  Daemon(DaemonAccess access) {
    this(access, ANSWER);
  }

  private Daemon(DaemonAccess access, Duration answer) {
    this.access = access;
    this.calls = client(access, answer);
    this.streams = client(access, Duration.ZERO);
  }

  /** For a question that somebody waits for. */
  static Daemon impatient(DaemonAccess access) {
    return new Daemon(access, CONNECT);
  }

  private static DockerClient client(DaemonAccess access, Duration answer) {
    ZerodepDockerHttpClient.Builder http =
        new ZerodepDockerHttpClient.Builder()
            .dockerHost(access.uri())
            .maxConnections(CONNECTIONS)
            .connectionTimeout(CONNECT);
    if (!answer.isZero()) {
      http.responseTimeout(answer);
    }
    access
        .tls()
        .ifPresent(
            tls -> {
              SSLContext context = DaemonTls.context(tls);
              SSLConfig fixed = () -> context;
              http.sslConfig(fixed);
            });
    // Made by hand: the usual way reads the environment and files of this user.
    return DockerClientImpl.getInstance(
        DefaultDockerClientConfig.createDefaultConfigBuilder()
            .withDockerHost(access.uri().toString())
            .withDockerTlsVerify(false)
            .build(),
        http.build());
  }

  /** For calls that are answered within a minute. */
  DockerClient calls() {
    return calls;
  }

  /** For events, pulls and logs, which take what they take. */
  DockerClient streams() {
    return streams;
  }

  DaemonAccess access() {
    return access;
  }

  /** For people. */
  String where() {
    return "the daemon at " + access;
  }

  @Override
  public void close() {
    for (DockerClient client : new DockerClient[] {calls, streams}) {
      try {
        client.close();
      } catch (IOException e) {
        log.debug("connections of {} not closed: {}", where(), e.toString());
      }
    }
  }
}
