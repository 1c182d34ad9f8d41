package dev.buildman.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Runs scripts on one connection. Each command is sent once: whatever is lost is the caller's to
 * repeat. For use by any thread; replies complete on the connection's event loop, which must not be
 * blocked.
 */
public final class ScriptRunner {
  private final RedisClusterAsyncCommands<byte[], byte[]> commands;
  private final RedisHealth health;
  private final Duration timeout;
  private final int replicas;

  ScriptRunner(
      RedisClusterAsyncCommands<byte[], byte[]> commands,
      RedisHealth health,
      Duration timeout,
      int replicas) {
    this.commands = commands;
    this.health = health;
    this.timeout = timeout;
    this.replicas = replicas;
  }

  /**
   * Runs a script and waits for its answer.
   *
   * @throws RedisUnavailable when no answer came; whether it ran is unknown
   */
  public Reply run(Script script, List<String> keys, Arguments arguments) {
    return await(script, runAsync(script, keys, arguments));
  }

  /**
   * Runs a script, then waits until enough replicas have what it wrote.
   *
   * @throws RedisUnavailable also when too few replicas confirm it in time: it is written, but may
   *     be lost in a failover
   */
  public Reply runReplicated(Script script, List<String> keys, Arguments arguments) {
    Reply reply = run(script, keys, arguments);
    if (replicas > 0) {
      CompletableFuture<Long> have =
          commands.waitForReplication(replicas, timeout.toMillis()).toCompletableFuture();
      long confirmed = await(script, have);
      if (confirmed < replicas) {
        throw new RedisUnavailable(
            script
                + " was written, but only "
                + confirmed
                + " of "
                + replicas
                + " replicas have it");
      }
    }
    return reply;
  }

  /** Runs a script. The stage fails with {@link RedisUnavailable} when no answer comes. */
  public CompletionStage<Reply> runAsync(Script script, List<String> keys, Arguments arguments) {
    byte[][] keyBytes = keys.stream().map(key -> key.getBytes(UTF_8)).toArray(byte[][]::new);
    byte[][] values = arguments.toArray();
    return ScriptRunner.<List<Object>>sent(
            () ->
                commands
                    .<List<Object>>evalsha(script.sha(), ScriptOutputType.MULTI, keyBytes, values)
                    .toCompletableFuture())
        .exceptionallyCompose(
            failure ->
                Failures.unwrapped(failure) instanceof RedisNoScriptException
                    ? sent(
                        () ->
                            commands
                                .<List<Object>>eval(
                                    script.text(), ScriptOutputType.MULTI, keyBytes, values)
                                .toCompletableFuture())
                    : CompletableFuture.failedFuture(failure))
        .handle((raw, failure) -> decoded(script, raw, failure));
  }

  /** A rejected command is thrown by the driver, a lost one fails its future: made one. */
  static <T> CompletableFuture<T> sent(Supplier<CompletableFuture<T>> command) {
    try {
      return command.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private Reply decoded(Script script, List<Object> raw, Throwable failure) {
    if (failure == null) {
      health.answered();
      return Reply.of(raw);
    }
    RuntimeException translated = Failures.translated(script.name(), failure);
    if (translated instanceof RedisUnavailable) {
      health.failed(String.valueOf(translated.getMessage()));
    }
    throw new CompletionException(translated);
  }

  private static <T> T await(Script script, CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw Failures.translated(script.name(), e);
    }
  }
}
