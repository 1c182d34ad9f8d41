package dev.buildman.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.resource.ClientResources;
import java.util.List;

/**
 * One primary: a server by its address, or the one that Sentinels name, asked for at each connect.
 */
final class SingleDriver implements Driver {
  private final RedisSettings settings;
  private final ClientResources resources = ClientSetup.resources();
  private final RedisClient client = RedisClient.create(resources);
  private final StatefulRedisConnection<byte[], byte[]> facts;

  SingleDriver(RedisSettings settings) {
    this.settings = settings;
    client.setOptions(ClientSetup.apply(ClientOptions.builder(), settings).build());
    try {
      this.facts = client.connect(ByteArrayCodec.INSTANCE, uri("facts"));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private RedisURI uri(String purpose) {
    return switch (settings.topology()) {
      case RedisSettings.Topology.Standalone(RedisSettings.Address server) ->
          ClientSetup.address(settings, server, purpose);
      case RedisSettings.Topology.Sentinel(
              List<RedisSettings.Address> sentinels,
              String master) -> {
        RedisURI.Builder uri =
            RedisURI.Builder.sentinel(
                sentinels.getFirst().host(), sentinels.getFirst().port(), master);
        sentinels.stream().skip(1).forEach(one -> uri.withSentinel(one.host(), one.port()));
        yield ClientSetup.complete(uri, settings, purpose);
      }
      case RedisSettings.Topology.Cluster _ ->
          throw new IllegalArgumentException("a cluster has no single primary");
    };
  }

  @Override
  public RedisClusterAsyncCommands<byte[], byte[]> connect(String purpose) {
    return client.connect(ByteArrayCodec.INSTANCE, uri(purpose)).async();
  }

  @Override
  public RedisClusterAsyncCommands<byte[], byte[]> ownerOf(String key) {
    return facts.async();
  }

  @Override
  public List<RedisClusterAsyncCommands<byte[], byte[]>> primaries() {
    return List.of(facts.async());
  }

  @Override
  public Subscription subscribe(Subscription.Request request) {
    StatefulRedisPubSubConnection<String, String> connection =
        client.connectPubSub(StringCodec.UTF8, uri("events"));
    connection.addListener(new Forwarder(request));
    SubscribeCalls.issue(connection.async(), request);
    return connection::close;
  }

  @Override
  public void close() {
    client.shutdown();
    resources.shutdown().awaitUninterruptibly();
  }

  /** The driver subscribes anew by itself after a reconnect, and says so each time. */
  private static final class Forwarder extends RedisPubSubAdapter<String, String> {
    private final Subscription.Request request;

    Forwarder(Subscription.Request request) {
      this.request = request;
    }

    @Override
    public void message(String channel, String message) {
      request.listener().message(channel, message);
    }

    @Override
    public void message(String pattern, String channel, String message) {
      request.listener().message(channel, message);
    }

    @Override
    public void subscribed(String channel, long count) {
      request.listener().subscribed();
    }
  }
}
