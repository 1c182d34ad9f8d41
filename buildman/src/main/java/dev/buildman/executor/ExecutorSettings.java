package dev.buildman.executor;

import dev.buildman.model.AgentKind;
import dev.buildman.model.ExecutorName;
import java.time.Duration;
import java.util.Map;

/**
 * The settings that executors of every kind share.
 *
 * @param setupTime from the recorded launch to the agent's registration
 * @param maxLifetime of a worker, enforced on the worker's side as a last net
 * @param agent whose agent the worker runs; decides how the token is handed over
 * @param tokenInEnv hand the token over in the environment, as Quay's agent needs it
 * @param environment what the file says for all workers of this executor: runtime, proxies, debug
 */
public record ExecutorSettings(
    ExecutorName name,
    Duration setupTime,
    Duration maxLifetime,
    Choice choice,
    Breaker breaker,
    AgentKind agent,
    boolean tokenInEnv,
    Map<String, String> environment) {

  /** Launch to registration, as Quay's default. */
  public static final Duration SETUP_TIME = Duration.ofSeconds(500);

  /** A worker's life at most, as Quay's default. */
  public static final Duration MAX_LIFETIME = Duration.ofSeconds(10_800);

  public ExecutorSettings {
    environment = Map.copyOf(environment);
  }

  /** An executor that every build may use, running our own agent. */
  public static ExecutorSettings defaults(ExecutorName name) {
    return new ExecutorSettings(
        name,
        SETUP_TIME,
        MAX_LIFETIME,
        Choice.ANY,
        Breaker.DEFAULT,
        AgentKind.OURS,
        false,
        Map.of());
  }

  public ExecutorSettings withChoice(Choice other) {
    return new ExecutorSettings(
        name, setupTime, maxLifetime, other, breaker, agent, tokenInEnv, environment);
  }

  public ExecutorSettings withBreaker(Breaker other) {
    return new ExecutorSettings(
        name, setupTime, maxLifetime, choice, other, agent, tokenInEnv, environment);
  }
}
