package dev.buildman.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisException;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.InstantSource;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * All connections to one Redis: one for each purpose, so that a slow or blocked one holds up no
 * other. They come back by themselves after an outage. For use by any thread.
 */
public final class RedisConnections implements AutoCloseable {
  private final RedisSettings settings;
  private final Driver driver;
  private final RedisHealth health;
  private final RedisClusterAsyncCommands<byte[], byte[]> publisher;

  private RedisConnections(RedisSettings settings, Driver driver, RedisHealth health) {
    this.settings = settings;
    this.driver = driver;
    this.health = health;
    this.publisher = driver.connect("publish");
  }

  /**
   * Connects.
   *
   * @param clock for how long Redis was away
   * @throws RedisUnavailable when it cannot be reached or refuses the login; says where and why
   */
  public static RedisConnections open(RedisSettings settings, InstantSource clock) {
    try {
      Driver driver =
          settings.topology() instanceof RedisSettings.Topology.Cluster cluster
              ? new ClusterDriver(settings, cluster)
              : new SingleDriver(settings);
      return new RedisConnections(settings, driver, new RedisHealth(clock, settings.where()));
    } catch (RedisException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new RedisUnavailable(
          "cannot connect to Redis at " + settings.where() + ": " + cause.getMessage(), e);
    }
  }

  /** Whether Redis answers. */
  public RedisHealth health() {
    return health;
  }

  public RedisSettings settings() {
    return settings;
  }

  /**
   * Opens a connection for scripts.
   *
   * @param purpose one word, seen in {@code CLIENT LIST}
   * @throws RedisUnavailable when Redis cannot be reached now
   */
  public ScriptRunner scripts(String purpose) {
    try {
      return new ScriptRunner(
          driver.connect(purpose),
          health,
          settings.behaviour().timeout(),
          settings.behaviour().waitReplicas());
    } catch (RedisException e) {
      throw Failures.translated("connect for " + purpose, e);
    }
  }

  /**
   * Opens a connection that listens. It subscribes anew by itself after an outage, which its
   * listener hears.
   *
   * @throws RedisUnavailable when Redis cannot be reached now
   */
  public Subscription subscribe(Subscription.Request request) {
    try {
      return driver.subscribe(request);
    } catch (RedisException e) {
      throw Failures.translated("subscribe", e);
    }
  }

  /**
   * Publishes a message; completes with the number of receivers, or fails with RedisUnavailable.
   */
  public CompletionStage<Long> publish(String channel, String message) {
    return ScriptRunner.sent(
            () ->
                publisher
                    .publish(channel.getBytes(UTF_8), message.getBytes(UTF_8))
                    .toCompletableFuture())
        .handle(
            (receivers, failure) -> {
              if (failure == null) {
                return receivers;
              }
              throw new CompletionException(Failures.translated("publish", failure));
            });
  }

  /**
   * Asks the primary that has a key about itself.
   *
   * @throws RedisUnavailable when it does not answer
   */
  public ServerFacts facts(String key) {
    return ServerFacts.of(
        answer("info", () -> driver.ownerOf(key).info().toCompletableFuture().join()));
  }

  Driver driver() {
    return driver;
  }

  static <T> T answer(String what, Supplier<T> command) {
    try {
      return command.get();
    } catch (CompletionException | RedisException e) {
      throw Failures.translated(what, e);
    }
  }

  @Override
  public void close() {
    driver.close();
  }
}
