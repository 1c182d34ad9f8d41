package dev.buildman.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisProcess;
import dev.buildman.testing.redis.RedisTest;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@RedisTest
class SentinelIT {
  private static final Script ECHO = Script.load(SentinelIT.class, "echo.lua");

  private static RedisSettings settings(RedisProcess sentinel) {
    RedisSettings.Topology.Standalone server =
        (RedisSettings.Topology.Standalone) sentinel.settings().topology();
    RedisSettings defaults = RedisSettings.defaults();
    return new RedisSettings(
        new RedisSettings.Topology.Sentinel(List.of(server.server()), "main"),
        defaults.login(),
        defaults.tls(),
        0,
        defaults.behaviour());
  }

  /** R13, R14: the promoted replica is found without a restart, and known for what it is. */
  @Test
  void aConnectionFollowsItsPrimaryThroughAFailover(OwnRedis redis) {
    List<String> key = List.of("{" + redis.prefix() + "}echo");
    try (RedisProcess replica = RedisProcess.replicaOf(redis.process());
        RedisProcess sentinel = RedisProcess.sentinel(redis.process(), "main");
        RedisConnections connections =
            RedisConnections.open(settings(sentinel), InstantSource.system())) {
      ScriptRunner runner = connections.scripts("test");
      assertThat(runner.run(ECHO, key, new Arguments().add("a")).text("text")).isEqualTo("a");
      ServerFacts before = connections.facts(key.getFirst());
      // A Sentinel learns of replicas every ten seconds: without one it has nobody to promote.
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> sentinel.asks("SENTINEL REPLICAS main").contains("slave"));
      redis.process().kill();
      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .ignoreExceptionsInstanceOf(RedisUnavailable.class)
          .untilAsserted(
              () ->
                  assertThat(runner.run(ECHO, key, new Arguments().add("b")).text("text"))
                      .isEqualTo("b"));
      // Another connection, so it may come back a little later.
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptionsInstanceOf(RedisUnavailable.class)
          .untilAsserted(
              () -> {
                ServerFacts after = connections.facts(key.getFirst());
                assertThat(after.replicationId()).isNotEqualTo(before.replicationId());
                assertThat(after.promoted()).isTrue();
              });
      assertThat(before.promoted()).isFalse();
      assertThat(replica.describe()).isNotEmpty();
    }
  }
}
