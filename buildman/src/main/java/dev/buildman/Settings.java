package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.config.ConfigValue;
import dev.buildman.executor.ExecutorConfig;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.LimitsConfig;
import dev.buildman.orchestrator.OrchestratorKeys;
import dev.buildman.redis.RedisConfig;
import dev.buildman.redis.RedisSettings;
import java.util.List;

/**
 * The whole configuration of a manager.
 *
 * @param stores Redis and its use
 * @param work what {@link Reloadable} names of it may change while a manager runs
 * @param executors in order of preference; empty while idle
 */
public record Settings(
    Mode mode,
    Identity identity,
    Listeners listeners,
    Stores stores,
    Work work,
    List<ExecutorConfig> executors) {

  /**
   * Redis.
   *
   * @param keys of the orchestrator, with their prefix
   * @param buildLogs the orchestrator's where nothing else is set
   */
  public record Stores(
      RedisSettings orchestrator, OrchestratorKeys keys, RedisSettings buildLogs) {}

  /** How builds are worked on. */
  public record Work(
      Limits limits, Pace pace, BuildDefaults builds, Keeping keeping, Reloadable.Level level) {}

  private static final String MANAGER = "BUILD_MANAGER";
  private static final int NOWHERE = Integer.MAX_VALUE;

  /** Reads the file's top level. */
  public static Settings parse(ConfigMap top, Places places) {
    ConfigMap ours = top.section("BUILDMAN");
    Mode mode = mode(top);
    // An installation that does not build is not held to a section that it does not use.
    ConfigMap manager = top.section(MANAGER, mode instanceof Mode.Work ? 1 : NOWHERE);
    String prefix = manager.text("ORCHESTRATOR_PREFIX", "");
    OrchestratorKeys keys =
        manager
            .as("ORCHESTRATOR_PREFIX", OrchestratorKeys::new)
            .orElseGet(() -> new OrchestratorKeys(""));
    RedisSettings orchestrator = RedisConfig.orchestrator(manager.section("ORCHESTRATOR"));
    Keeping keeping = Keeping.parse(ours, places);
    Identity identity = Identity.parse(top, ours, prefix);
    Settings settings =
        new Settings(
            mode,
            identity,
            Listeners.parse(ours, identity.apiTokens()),
            new Stores(
                orchestrator,
                keys,
                RedisConfig.buildLogs(top.section("BUILDLOGS_REDIS"), orchestrator)),
            new Work(
                LimitsConfig.parse(manager, ours),
                Pace.parse(ours),
                BuildDefaults.parse(top, ours),
                keeping,
                Reloadable.level(ours)),
            mode instanceof Mode.Work
                ? new Chain(places, keeping.data()).parse(manager)
                : List.of());
    if (mode instanceof Mode.Work) {
      new CrossChecks(top, manager, ours).check(settings);
    }
    return settings;
  }

  /** The share that may change while a manager runs. */
  public Reloadable reloadable() {
    return new Reloadable(work.limits().capacity(), identity.apiTokens(), work.level());
  }

  private static Mode mode(ConfigMap top) {
    boolean support = top.flag("FEATURE_BUILD_SUPPORT", top.has(MANAGER));
    if (!support) {
      return new Mode.Idle(
          top.has("FEATURE_BUILD_SUPPORT")
              ? "FEATURE_BUILD_SUPPORT is false"
              : "the configuration has no BUILD_MANAGER");
    }
    List<ConfigValue> form = top.values(MANAGER);
    if (form.isEmpty()) {
      top.problem(MANAGER, "is required: builds are switched on, but nothing says where they run");
      return new Mode.Idle("nothing says where builds run");
    }
    String kind = form.getFirst().text().orElse("");
    return switch (kind) {
      case "external" -> new Mode.Idle("another program manages the builds (external)");
      case "ephemeral" -> new Mode.Work();
      default -> {
        form.getFirst().problem("allowed: ephemeral, then a map of keys; or external");
        yield new Mode.Idle("nobody knows this kind of build manager");
      }
    };
  }
}
