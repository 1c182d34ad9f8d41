package dev.buildman.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.testing.redis.OwnRedis;
import dev.buildman.testing.redis.RedisProcess;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

@RedisTest
class RedisConnectionsIT {
  private static final Script ECHO = Script.load(RedisConnectionsIT.class, "echo.lua");

  private static Reply echo(ScriptRunner runner, String prefix, String text) {
    return runner.run(ECHO, List.of("{" + prefix + "}echo"), new Arguments().add(text));
  }

  @Test
  void runsAScriptThatTheServerHasNeverSeenAndOneThatItForgot(TestRedis redis) {
    ScriptRunner runner = redis.connections().scripts("test");
    assertThat(echo(runner, redis.prefix(), "one").text("text")).isEqualTo("one");
    redis.raw().scriptFlush();
    assertThat(echo(runner, redis.prefix(), "two").text("text")).isEqualTo("two");
    redis.raw().scriptFlush();
    Reply third =
        runner
            .runAsync(ECHO, List.of("{" + redis.prefix() + "}echo"), new Arguments().add("three"))
            .toCompletableFuture()
            .join();
    assertThat(third.text("text")).isEqualTo("three");
  }

  @Test
  void aCommandToAServerThatIsAwayFailsAtOnceAndTheConnectionComesBackByItself(OwnRedis redis) {
    ScriptRunner runner = redis.connections().scripts("test");
    RedisHealth health = redis.connections().health();
    echo(runner, redis.prefix(), "before");

    redis.process().kill();
    assertThatThrownBy(() -> echo(runner, redis.prefix(), "away"))
        .isInstanceOf(RedisUnavailable.class);
    assertThat(health.awaySince()).isPresent();

    redis.process().start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .ignoreExceptionsInstanceOf(RedisUnavailable.class)
        .untilAsserted(
            () -> assertThat(echo(runner, redis.prefix(), "b").text("text")).isEqualTo("b"));
    assertThat(health.awaySince()).isEmpty();
  }

  /** The driver must not send again what was lost: only the caller knows whether that is safe. */
  @Test
  void aCommandIsSentOnceWhateverHappensToItsConnection(OwnRedis redis) {
    ScriptRunner runner = redis.connections().scripts("test");
    echo(runner, redis.prefix(), "before");
    redis.process().pause();
    var lost =
        runner.runAsync(ECHO, List.of("{" + redis.prefix() + "}echo"), new Arguments().add("lost"));
    redis.process().kill();
    assertThatThrownBy(() -> lost.toCompletableFuture().join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(RedisUnavailable.class);
    redis.process().start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(10))
        .ignoreExceptionsInstanceOf(RedisUnavailable.class)
        .until(() -> echo(runner, redis.prefix(), "after").text("text").equals("after"));
    assertThat(redis.raw().lrange("{" + redis.prefix() + "}echo", 0, -1))
        .contains("before", "after")
        .doesNotContain("lost");
  }

  @Test
  void aServerThatHangsIsAwayAfterTheTimeLimit(OwnRedis redis) {
    RedisSettings hasty =
        redis.settings().with(new RedisSettings.Behaviour(Duration.ofMillis(300), 0, false));
    try (RedisConnections connections = RedisConnections.open(hasty, InstantSource.system())) {
      ScriptRunner runner = connections.scripts("test");
      echo(runner, redis.prefix(), "before");
      redis.process().pause();
      assertThatThrownBy(() -> echo(runner, redis.prefix(), "hangs"))
          .isInstanceOf(RedisUnavailable.class);
      redis.process().resume();
      Awaitility.await()
          .atMost(Duration.ofSeconds(10))
          .ignoreExceptionsInstanceOf(RedisUnavailable.class)
          .until(() -> echo(runner, redis.prefix(), "after").text("text").equals("after"));
    }
  }

  @Test
  void anUnreachableServerIsNamedInTheMessage() {
    assertThatThrownBy(
            () ->
                RedisConnections.open(
                    RedisSettings.standalone("127.0.0.1", 1), InstantSource.system()))
        .isInstanceOf(RedisUnavailable.class)
        .hasMessageContaining("127.0.0.1:1");
  }

  /** R9, D9: what others have switched on must stay. */
  @Test
  void keyspaceEventsAreMergedIntoWhatIsThere(OwnRedis redis) {
    redis.raw().configSet("notify-keyspace-events", "El");
    assertThat(KeyspaceEvents.enable(redis.connections())).isTrue();
    assertThat(redis.raw().configGet("notify-keyspace-events").get("notify-keyspace-events"))
        .contains("E", "l", "K", "x");
  }

  /** A Redis that is away has refused nothing: whoever asks again must be able to. */
  @Test
  void keyspaceEventsOfARedisThatIsAwayAreAnOutageAndNoRefusal(OwnRedis redis) {
    redis.process().kill();
    assertThatThrownBy(() -> KeyspaceEvents.enable(redis.connections()))
        .isInstanceOf(RedisUnavailable.class);
    redis.process().start();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(RedisUnavailable.class)
        .until(() -> KeyspaceEvents.enable(redis.connections()));
  }

  /** Acknowledged means: the primary has it, and as many replicas as were asked for. */
  @Test
  void aReplicatedCommandWaitsForItsReplicas(OwnRedis redis) {
    RedisSettings careful =
        redis.settings().with(new RedisSettings.Behaviour(Duration.ofSeconds(1), 1, false));
    List<String> key = List.of("{" + redis.prefix() + "}echo");
    try (RedisConnections connections = RedisConnections.open(careful, InstantSource.system())) {
      ScriptRunner runner = connections.scripts("test");
      assertThatThrownBy(() -> runner.runReplicated(ECHO, key, new Arguments().add("alone")))
          .isInstanceOf(RedisUnavailable.class)
          .hasMessageContaining("0 of 1 replicas");
      try (RedisProcess replica = RedisProcess.replicaOf(redis.process())) {
        assertThat(replica.settings()).isNotEqualTo(careful);
        Awaitility.await()
            .atMost(Duration.ofSeconds(20))
            .ignoreExceptionsInstanceOf(RedisUnavailable.class)
            .until(
                () ->
                    runner
                        .runReplicated(ECHO, key, new Arguments().add("both"))
                        .text("text")
                        .equals("both"));
      }
    }
  }
}
