package dev.buildman.edge.agent;

import dev.buildman.metrics.Metrics;
import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import dev.buildman.token.Tokens;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port that agents dial. It is made for connections that live as long as a build: nothing here
 * ends one on purpose before the manager itself ends.
 */
public final class AgentListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AgentListener.class);

  /** Below the 60 s after which common load balancers drop a silent connection. */
  private static final Duration KEEPALIVE = Duration.ofSeconds(30);

  /** Agents may ping as often as this: more often than any of them does. */
  private static final Duration PERMITTED_KEEPALIVE = Duration.ofSeconds(1);

  private static final Duration DRAIN_POLL = Duration.ofMillis(100);
  private static final int LAST_CALLS_SECONDS = 5;

  private final AgentListenerSettings settings;
  private final BuildManagerService service;
  private final HealthStatusManager health = new HealthStatusManager();
  private final AtomicBoolean leaving = new AtomicBoolean();
  private final ExecutorService threads = Threads.perTask("agent-call");
  private final Server server;
  private final @Nullable RenewedCertificate certificate;

  /**
   * Binds and starts.
   *
   * @throws UncheckedIOException naming the address or the file that is at fault
   */
  public AgentListener(
      AgentListenerSettings settings, AgentUseCases useCases, Tokens tokens, Metrics metrics) {
    this.settings = settings;
    this.service =
        new BuildManagerService(
            useCases,
            tokens,
            new Unary(threads, metrics),
            metrics,
            settings.rates(),
            settings.version());
    this.certificate = settings.tls().map(RenewedCertificate::new).orElse(null);
    this.server = server(credentials());
    metrics.gauge("agents.connected", "Heartbeat streams that are open", useCases.streams()::count);
    serving(true);
    start();
  }

  private ServerCredentials credentials() {
    if (certificate != null) {
      return certificate.credentials();
    }
    if (!settings.address().getAddress().isLoopbackAddress()) {
      log.warn(
          "agents are listened to in plaintext: address={}, remedy=set BUILDMAN.AGENTS_TLS, or"
              + " end TLS in front of the manager",
          settings.address());
    }
    return InsecureServerCredentials.create();
  }

  /** No maximum connection age (G3): it would end both streams of Quay's worker for good. */
  private Server server(ServerCredentials credentials) {
    return NettyServerBuilder.forAddress(settings.address(), credentials)
        .directExecutor()
        .addService(service)
        .addService(health.getHealthService())
        .maxInboundMessageSize(AgentLimits.MESSAGE_BYTES)
        .keepAliveTime(KEEPALIVE.toSeconds(), TimeUnit.SECONDS)
        .keepAliveTimeout(AgentLimits.KEEPALIVE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
        .permitKeepAliveTime(PERMITTED_KEEPALIVE.toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .build();
  }

  private void start() {
    try {
      server.start();
    } catch (IOException e) {
      threads.close();
      throw new UncheckedIOException(
          "AGENTS_LISTEN "
              + settings.address()
              + " cannot be bound: "
              + Optional.ofNullable(e.getCause()).orElse(e).getMessage(),
          e);
    }
    log.info("listening to agents: port={}, tls={}", server.getPort(), settings.tls().isPresent());
  }

  /** The port that was bound. */
  public int port() {
    return server.getPort();
  }

  /**
   * Says by the health service whether agents should come here, so that a load balancer sends them
   * elsewhere while this manager's Redis is away. Those that are here stay.
   */
  public void serving(boolean yes) {
    ServingStatus status = yes ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
    health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, status);
    health.setStatus(BuildManagerGrpc.SERVICE_NAME, status);
  }

  /**
   * Keeps the streams that are open, and takes calls, until the last stream ends or {@code
   * DRAIN_TIMEOUT} is over; then ends what is left, so that agents dial another manager.
   *
   * @return streams that were still open at the end
   * @throws InterruptedException when it should not take that long
   */
  public int drain(Ticker ticker, Sleeper sleeper) throws InterruptedException {
    leave();
    long start = ticker.nanos();
    while (!service.open().isEmpty()
        && ticker.since(start).compareTo(settings.drainTimeout()) < 0) {
      sleeper.sleep(DRAIN_POLL);
    }
    int left = service.open().size();
    log.info("agents drained: took={}, streams left={}", ticker.since(start), left);
    close();
    return left;
  }

  private void leave() {
    if (leaving.compareAndSet(false, true)) {
      health.enterTerminalState();
    }
  }

  /** Ends all streams at once; running calls have 5 s. May be called again. */
  @Override
  public void close() {
    leave();
    Status ending =
        Status.UNAVAILABLE.withDescription("this manager ends: dial again for another one");
    service.open().forEach(stream -> stream.fail(ending));
    server.shutdown();
    try {
      if (!server.awaitTermination(LAST_CALLS_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    threads.close();
    if (certificate != null) {
      certificate.close();
    }
  }
}
