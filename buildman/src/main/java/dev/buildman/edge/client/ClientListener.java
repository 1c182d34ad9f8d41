package dev.buildman.edge.client;

import dev.buildman.proto.v1.BuildsGrpc;
import dev.buildman.runtime.Threads;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.util.AdvancedTlsX509KeyManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port that clients call: Builds, health and reflection, all behind the API token where there
 * is one.
 */
public final class ClientListener implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClientListener.class);

  /** Clients may keep a silent watch alive as often as this. */
  private static final int PERMITTED_KEEPALIVE_SECONDS = 5;

  /** A spec holds at most 3 MiB of source beside its maps; an upload's chunk is smaller. */
  static final int LARGEST_REQUEST = 5 << 20;

  private static final int CERTIFICATE_REFRESH_SECONDS = 60;
  private static final int LAST_CALLS_SECONDS = 5;

  private final HealthStatusManager health = new HealthStatusManager();
  private final ExecutorService threads = Threads.perTask("client-call");
  private final ScheduledExecutorService certificates =
      Executors.newSingleThreadScheduledExecutor(Threads.factory("client-tls"));
  private final Server server;

  /**
   * Binds and starts.
   *
   * @throws IllegalArgumentException when others could reach the address and there is no API token
   * @throws UncheckedIOException naming the address or the file that is at fault
   */
  public ClientListener(ClientListenerSettings settings, ClientUseCases useCases) {
    requireToken(settings);
    this.server =
        NettyServerBuilder.forAddress(settings.address(), credentials(settings))
            .executor(threads)
            .intercept(new BearerToken(settings.tokens()))
            .addService(new BuildsService(useCases))
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .maxInboundMessageSize(LARGEST_REQUEST)
            .permitKeepAliveTime(PERMITTED_KEEPALIVE_SECONDS, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            .build();
    serving(true);
    start(settings);
  }

  // The configuration is checked too; this holds whatever wires the listener.
  private static void requireToken(ClientListenerSettings settings) {
    InetAddress address = settings.address().getAddress();
    boolean loopback = address != null && address.isLoopbackAddress();
    if (!loopback && settings.tokens().get().isEmpty()) {
      throw new IllegalArgumentException(
          "CLIENTS_LISTEN "
              + settings.address()
              + " can be reached by others: set API_TOKEN, or listen on 127.0.0.1");
    }
  }

  private ServerCredentials credentials(ClientListenerSettings settings) {
    if (settings.tls().isEmpty()) {
      return InsecureServerCredentials.create();
    }
    ClientListenerSettings.Tls files = settings.tls().get();
    AdvancedTlsX509KeyManager keys = new AdvancedTlsX509KeyManager();
    try {
      keys.updateIdentityCredentials(
          files.certificates().toFile(),
          files.key().toFile(),
          CERTIFICATE_REFRESH_SECONDS,
          TimeUnit.SECONDS,
          certificates);
      return TlsServerCredentials.newBuilder().keyManager(keys).build();
    } catch (IOException | GeneralSecurityException e) {
      throw new UncheckedIOException(
          "CLIENTS_TLS: %s and %s are no certificate and key: %s"
              .formatted(files.certificates(), files.key(), e.getMessage()),
          e instanceof IOException io ? io : new IOException(e));
    }
  }

  private void start(ClientListenerSettings settings) {
    try {
      server.start();
    } catch (IOException e) {
      threads.close();
      certificates.shutdownNow();
      String why = Optional.ofNullable(e.getCause()).orElse(e).getMessage();
      throw new UncheckedIOException(
          "CLIENTS_LISTEN %s cannot be bound: %s".formatted(settings.address(), why), e);
    }
    log.info(
        "listening to clients: port={}, tls={}, token={}",
        server.getPort(),
        settings.tls().isPresent(),
        !settings.tokens().get().isEmpty());
  }

  /** The port that was bound. */
  public int port() {
    return server.getPort();
  }

  /** Says by the health service whether clients should come here. */
  public void serving(boolean yes) {
    ServingStatus status = yes ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus(BuildsGrpc.SERVICE_NAME, status);
  }

  /** Refuses new calls, ends streams, gives calls under way five seconds. May be called again. */
  @Override
  public void close() {
    health.enterTerminalState();
    server.shutdown();
    try {
      if (!server.awaitTermination(LAST_CALLS_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    threads.shutdownNow();
    certificates.shutdownNow();
  }
}
