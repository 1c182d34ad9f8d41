package dev.buildman.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The driver's options, the same for every way to reach Redis. */
final class ClientSetup {
  /** Commands under way on one connection; more are refused rather than heaped up. */
  private static final int QUEUE = 50_000;

  private static final Duration LONGEST_RECONNECT = Duration.ofSeconds(2);
  private static final Duration SHORTEST_RECONNECT = Duration.ofMillis(50);
  private static final int IO_THREADS = 2;

  private ClientSetup() {}

  static ClientResources resources() {
    return ClientResources.builder()
        .ioThreadPoolSize(IO_THREADS)
        .computationThreadPoolSize(2)
        .reconnectDelay(
            Delay.fullJitter(
                SHORTEST_RECONNECT,
                LONGEST_RECONNECT,
                SHORTEST_RECONNECT.toMillis(),
                TimeUnit.MILLISECONDS))
        .build();
  }

  /**
   * Nothing is queued for a lost connection and nothing is sent twice by the driver: repeating is
   * the caller's decision, as only it knows whether that is safe.
   */
  static <B extends ClientOptions.Builder> B apply(B options, RedisSettings settings) {
    options
        .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
        .replayFilter(_ -> true)
        .requestQueueSize(QUEUE)
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .timeoutOptions(TimeoutOptions.enabled(settings.behaviour().timeout()))
        .socketOptions(
            SocketOptions.builder()
                .connectTimeout(settings.behaviour().timeout())
                .keepAlive(true)
                .build());
    settings.tls().ifPresent(tls -> options.sslOptions(ssl(tls)));
    return options;
  }

  private static SslOptions ssl(RedisSettings.Tls tls) {
    SslOptions.Builder options = SslOptions.builder().jdkSslProvider();
    tls.authorities().ifPresent(file -> options.trustManager(file.toFile()));
    tls.identity()
        .ifPresent(
            identity ->
                options.keyManager(
                    identity.certificate().toFile(), identity.key().toFile(), new char[0]));
    return options.build();
  }

  static RedisURI address(RedisSettings settings, RedisSettings.Address server, String purpose) {
    return complete(RedisURI.Builder.redis(server.host(), server.port()), settings, purpose);
  }

  static RedisURI complete(RedisURI.Builder uri, RedisSettings settings, String purpose) {
    RedisSettings.Login login = settings.login();
    uri.withTimeout(settings.behaviour().timeout())
        .withDatabase(settings.database())
        .withClientName("buildman-" + purpose)
        .withSsl(settings.tls().isPresent());
    Optional<String> password = Optional.of(login.password()).filter(text -> !text.isEmpty());
    if (password.isPresent() && !login.username().isEmpty()) {
      uri.withAuthentication(login.username(), password.get());
    } else {
      password.ifPresent(text -> uri.withPassword((CharSequence) text));
    }
    return uri.build();
  }
}
