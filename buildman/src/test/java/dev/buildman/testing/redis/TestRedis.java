package dev.buildman.testing.redis;

import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.OrchestratorKeys;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.RedisTime;
import dev.buildman.redis.RedisConnections;
import dev.buildman.redis.RedisSettings;
import dev.buildman.redis.ScriptRunner;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import java.time.InstantSource;
import java.util.UUID;
import java.util.function.Supplier;

/** The shared Redis as one test sees it: connections and a key prefix of its own. */
public class TestRedis implements AutoCloseable {
  private final RedisServer server;
  private volatile String prefix = "test-" + UUID.randomUUID();
  private final RedisConnections connections;
  private final Runnable closeRaw;
  private final RedisClusterCommands<String, String> raw;
  private ScriptRunner runner;

  TestRedis(RedisServer server) {
    this.server = server;
    this.connections = RedisConnections.open(server.settings(), InstantSource.system());
    RedisURI uri = uri(server.settings());
    if (server.settings().topology() instanceof RedisSettings.Topology.Cluster) {
      RedisClusterClient client = RedisClusterClient.create(uri);
      this.closeRaw = client::shutdown;
      this.raw = client.connect().sync();
    } else {
      RedisClient client = RedisClient.create(uri);
      this.closeRaw = client::shutdown;
      this.raw = client.connect().sync();
    }
  }

  private static RedisURI uri(RedisSettings settings) {
    RedisSettings.Address address =
        switch (settings.topology()) {
          case RedisSettings.Topology.Standalone(RedisSettings.Address one) -> one;
          case RedisSettings.Topology.Cluster cluster -> cluster.nodes().getFirst();
          case RedisSettings.Topology.Sentinel sentinel -> sentinel.sentinels().getFirst();
        };
    RedisURI.Builder uri = RedisURI.Builder.redis(address.host(), address.port());
    if (!settings.login().password().isEmpty()) {
      uri.withPassword((CharSequence) settings.login().password());
    }
    return uri.build();
  }

  /** Where it is. */
  public RedisSettings settings() {
    return server.settings();
  }

  public RedisConnections connections() {
    return connections;
  }

  /** Differs for each test. */
  public String prefix() {
    return prefix;
  }

  /** From here on with other keys, as if Redis were empty. */
  public void renew() {
    prefix = "test-" + UUID.randomUUID();
  }

  public OrchestratorKeys keys() {
    return new OrchestratorKeys(prefix);
  }

  /** What transitions are made of, on a connection of the test's. */
  public synchronized OrchestratorScripts scripts(Supplier<Limits> limits, RedisTime time) {
    if (runner == null) {
      runner = connections.scripts("test");
    }
    return new OrchestratorScripts(runner, keys(), limits, time);
  }

  /** Plain commands, to look behind the scripts. */
  public RedisClusterCommands<String, String> raw() {
    return raw;
  }

  @Override
  public void close() {
    connections.close();
    closeRaw.run();
  }
}
