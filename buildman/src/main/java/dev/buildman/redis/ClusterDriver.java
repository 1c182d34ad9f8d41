package dev.buildman.redis;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.pubsub.RedisClusterPubSubAdapter;
import io.lettuce.core.cluster.pubsub.StatefulRedisClusterPubSubConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A cluster. All keys of the orchestrator share one slot, so one primary at a time has them. */
final class ClusterDriver implements Driver {
  /** Beside the refresh that redirections and lost connections cause at once. */
  private static final Duration TOPOLOGY_REFRESH = Duration.ofSeconds(60);

  private final ClientResources resources = ClientSetup.resources();
  private final RedisClusterClient client;
  private final StatefulRedisClusterConnection<byte[], byte[]> facts;

  ClusterDriver(RedisSettings settings, RedisSettings.Topology.Cluster cluster) {
    List<RedisURI> nodes =
        cluster.nodes().stream()
            .map(node -> ClientSetup.address(settings, node, "cluster"))
            .toList();
    client = RedisClusterClient.create(resources, nodes);
    ClusterClientOptions.Builder options =
        ClientSetup.apply(ClusterClientOptions.builder(), settings);
    options.topologyRefreshOptions(
        ClusterTopologyRefreshOptions.builder().enablePeriodicRefresh(TOPOLOGY_REFRESH).build());
    client.setOptions(options.build());
    try {
      facts = client.connect(ByteArrayCodec.INSTANCE);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public RedisClusterAsyncCommands<byte[], byte[]> connect(String purpose) {
    StatefulRedisClusterConnection<byte[], byte[]> connection =
        client.connect(ByteArrayCodec.INSTANCE);
    // Nodes are dialled at their first command, which is rejected until that is done: do it here.
    for (RedisClusterNode node : connection.getPartitions()) {
      if (node.getRole().isUpstream()) {
        RedisURI address = node.getUri();
        connection.getConnection(address.getHost(), address.getPort());
      }
    }
    return connection.async();
  }

  @Override
  public RedisClusterAsyncCommands<byte[], byte[]> ownerOf(String key) {
    RedisClusterNode owner = facts.getPartitions().getPartitionBySlot(SlotHash.getSlot(key));
    if (owner == null) {
      throw new RedisUnavailable("no node of the cluster has the slot of " + key);
    }
    return facts.getConnection(owner.getNodeId()).async();
  }

  @Override
  public List<RedisClusterAsyncCommands<byte[], byte[]>> primaries() {
    List<RedisClusterAsyncCommands<byte[], byte[]>> all = new ArrayList<>();
    for (RedisClusterNode node : facts.getPartitions()) {
      if (node.getRole().isUpstream()) {
        all.add(facts.getConnection(node.getNodeId()).async());
      }
    }
    return all;
  }

  @Override
  public Subscription subscribe(Subscription.Request request) {
    StatefulRedisClusterPubSubConnection<String, String> connection =
        client.connectPubSub(StringCodec.UTF8);
    connection.setNodeMessagePropagation(true);
    connection.addListener(new Forwarder(request));
    if (!request.patterns().isEmpty()) {
      connection
          .async()
          .upstream()
          .commands()
          .psubscribe(request.patterns().toArray(String[]::new));
    }
    Subscription.Request channels =
        new Subscription.Request(request.channels(), List.of(), request.listener());
    connection.addListener(new SingleChannelForwarder(request));
    SubscribeCalls.issue(connection.async(), channels);
    return connection::close;
  }

  @Override
  public void close() {
    client.shutdown();
    resources.shutdown().awaitUninterruptibly();
  }

  /** Hears what the connections to the single nodes hear: keyspace events. */
  private static final class Forwarder extends RedisClusterPubSubAdapter<String, String> {
    private final Subscription.Request request;

    Forwarder(Subscription.Request request) {
      this.request = request;
    }

    @Override
    public void message(RedisClusterNode node, String pattern, String channel, String message) {
      request.listener().message(channel, message);
    }
  }

  /** Hears the channels. */
  private static final class SingleChannelForwarder extends RedisPubSubAdapter<String, String> {
    private final Subscription.Request request;

    SingleChannelForwarder(Subscription.Request request) {
      this.request = request;
    }

    @Override
    public void message(String channel, String message) {
      request.listener().message(channel, message);
    }

    @Override
    public void subscribed(String channel, long count) {
      request.listener().subscribed();
    }
  }
}
