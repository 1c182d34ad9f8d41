package dev.buildman.orchestrator;

import dev.buildman.redis.Arguments;
import dev.buildman.redis.Reply;
import dev.buildman.redis.Script;
import dev.buildman.redis.ScriptRunner;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * What all transitions need to run: the connection, the keys, the present limits and the clock. For
 * use by any thread.
 */
public final class OrchestratorScripts {
  private final ScriptRunner runner;
  private final OrchestratorKeys keys;
  private final Supplier<Limits> limits;
  private final RedisTime time;
  private final UnaryOperator<Script> patch;

  /**
   * @param limits asked at every call, so that a reloaded configuration takes effect at once
   */
  public OrchestratorScripts(
      ScriptRunner runner, OrchestratorKeys keys, Supplier<Limits> limits, RedisTime time) {
    this(runner, keys, limits, time, UnaryOperator.identity());
  }

  private OrchestratorScripts(
      ScriptRunner runner,
      OrchestratorKeys keys,
      Supplier<Limits> limits,
      RedisTime time,
      UnaryOperator<Script> patch) {
    this.runner = runner;
    this.keys = keys;
    this.limits = limits;
    this.time = time;
    this.patch = patch;
  }

  /** The same with scripts changed before they run: for tests that break a rule. */
  public OrchestratorScripts patched(UnaryOperator<Script> change) {
    return new OrchestratorScripts(runner, keys, limits, time, change);
  }

  public OrchestratorKeys keys() {
    return keys;
  }

  /** The present limits. */
  public Limits limits() {
    return limits.get();
  }

  /** Runs a transition and waits for its answer. */
  public <T> Result<T> run(Script script, Arguments arguments, Function<Reply, T> value) {
    Script patched = patch.apply(script);
    return result(runner.run(patched, tag(), complete(patched, arguments)), value);
  }

  /** As {@link #run}, and enough replicas have what was written, where that was asked for. */
  public <T> Result<T> runReplicated(Script script, Arguments arguments, Function<Reply, T> value) {
    Script patched = patch.apply(script);
    return result(runner.runReplicated(patched, tag(), complete(patched, arguments)), value);
  }

  /** Runs a transition; the stage completes on the connection's event loop. */
  public <T> CompletionStage<Result<T>> runAsync(
      Script script, Arguments arguments, Function<Reply, T> value) {
    Script patched = patch.apply(script);
    return runner
        .runAsync(patched, tag(), complete(patched, arguments))
        .thenApply(reply -> result(reply, value));
  }

  /** Runs a script that only reads. */
  public Reply read(Script script, Arguments arguments) {
    return runner.run(script, tag(), complete(script, arguments));
  }

  private List<String> tag() {
    return List.of(keys.meta());
  }

  private Arguments complete(Script script, Arguments arguments) {
    Arguments all = new Arguments();
    all.add(time.instead().map(instant -> Long.toString(instant.toEpochMilli())).orElse(""));
    Limits now = limits.get();
    for (String name : script.limits()) {
      all.with(name, LimitNames.value(now, name));
    }
    return all.addAll(arguments);
  }

  private static <T> Result<T> result(Reply reply, Function<Reply, T> value) {
    return switch (reply.status()) {
      case "APPLIED" -> new Result.Applied<>(value.apply(reply));
      case "ALREADY" -> new Result.AlreadyThere<>(value.apply(reply));
      case "REFUSED" -> {
        List<String> words = reply.words();
        yield new Result.Refused<>(Refusal.valueOf(words.get(0)), words.get(1));
      }
      default -> throw new IllegalStateException("a script answered '" + reply.status() + "'");
    };
  }
}
