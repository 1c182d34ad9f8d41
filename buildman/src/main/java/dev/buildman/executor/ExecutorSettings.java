package dev.buildman.executor;

import dev.buildman.config.ConfigMap;
import dev.buildman.model.AgentKind;
import dev.buildman.model.ExecutorName;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings that executors of every kind share.
 *
 * @param kind its word in the configuration
 * @param setupTime from the recorded launch to the agent's registration
 * @param maxLifetime of a worker, enforced on the worker's side as a last net
 * @param agent whose agent the worker runs; decides how the token is handed over
 * @param tokenInEnv hand the token over in the environment, as Quay's agent needs it
 * @param environment what the file says for all workers of this executor: runtime, proxies, debug
 * @param keepFailed how long what a failed worker left behind is kept to be looked at; empty: not
 */
public record ExecutorSettings(
    ExecutorName name,
    String kind,
    Duration setupTime,
    Duration maxLifetime,
    Choice choice,
    Breaker breaker,
    AgentKind agent,
    boolean tokenInEnv,
    Map<String, String> environment,
    Optional<Duration> keepFailed) {

  /** Launch to registration, as Quay's default. */
  public static final Duration SETUP_TIME = Duration.ofSeconds(500);

  /** A worker's life at most, as Quay's default. */
  public static final Duration MAX_LIFETIME = Duration.ofSeconds(10_800);

  /** How long a failed worker is kept where DEBUG is on. */
  public static final Duration DEBUG_RETENTION = Duration.ofHours(1);

  public ExecutorSettings {
    environment = Map.copyOf(environment);
  }

  /** An executor that every build may use, running our own agent. */
  public static ExecutorSettings defaults(ExecutorName name) {
    return new ExecutorSettings(
        name,
        name.value(),
        SETUP_TIME,
        MAX_LIFETIME,
        Choice.ANY,
        Breaker.DEFAULT,
        AgentKind.OURS,
        false,
        Map.of(),
        Optional.empty());
  }

  /**
   * Reads what all kinds of executors share.
   *
   * @param kind its word in the file, and the name where none is given
   * @param agent whose agent it runs where the file does not say
   * @param quaysRuntime engine that Quay's agent uses here
   */
  public static ExecutorSettings parse(
      ConfigMap map, String kind, AgentKind agent, String quaysRuntime) {
    AgentKind runs = map.choice("AGENT", agent);
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put(
        "CONTAINER_RUNTIME",
        map.text("CONTAINER_RUNTIME", runs == AgentKind.QUAY ? quaysRuntime : "auto"));
    for (String proxy : List.of("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")) {
      map.text(proxy).ifPresent(value -> environment.put(proxy, value));
    }
    Duration retention = map.duration("DEBUG_RETENTION", DEBUG_RETENTION);
    boolean debug = map.flag("DEBUG", false);
    if (debug) {
      environment.put("DEBUG", "true");
    }
    return new ExecutorSettings(
        map.as("NAME", ExecutorName::new).orElse(new ExecutorName(kind)),
        kind,
        map.duration("SETUP_TIME", SETUP_TIME),
        map.duration("MAX_LIFETIME_S", MAX_LIFETIME),
        Choice.parse(map),
        Breaker.parse(map),
        runs,
        map.flag("TOKEN_IN_ENV", runs == AgentKind.QUAY),
        environment,
        debug ? Optional.of(retention) : Optional.empty());
  }

  public ExecutorSettings withChoice(Choice other) {
    return with(other, breaker, environment, keepFailed);
  }

  public ExecutorSettings withMaxLifetime(Duration other) {
    return new ExecutorSettings(
        name, kind, setupTime, other, choice, breaker, agent, tokenInEnv, environment, keepFailed);
  }

  public ExecutorSettings withBreaker(Breaker other) {
    return with(choice, other, environment, keepFailed);
  }

  public ExecutorSettings withEnvironment(Map<String, String> more) {
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.putAll(more);
    return with(choice, breaker, all, keepFailed);
  }

  public ExecutorSettings withKeepFailed(Duration retention) {
    return with(choice, breaker, environment, Optional.of(retention));
  }

  private ExecutorSettings with(
      Choice newChoice,
      Breaker newBreaker,
      Map<String, String> newEnvironment,
      Optional<Duration> newKeepFailed) {
    return new ExecutorSettings(
        name,
        kind,
        setupTime,
        maxLifetime,
        newChoice,
        newBreaker,
        agent,
        tokenInEnv,
        newEnvironment,
        newKeepFailed);
  }
}
