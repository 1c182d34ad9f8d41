package dev.buildman;

import dev.buildman.buildlogs.redis.LogAppend;
import dev.buildman.buildlogs.redis.LogLimits;
import dev.buildman.buildlogs.redis.LogRead;
import dev.buildman.buildlogs.redis.RedisBuildLogs;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.OrchestratorKeys;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.reconcile.EndedLogs;
import dev.buildman.redis.KeyspaceEvents;
import dev.buildman.redis.RedisConnections;
import dev.buildman.redis.RedisSettings;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.redis.ScriptRunner;
import dev.buildman.redis.StartupChecks;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Sleeper;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The orchestrator's Redis and that of the build logs, connected and checked. */
final class Truth implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Truth.class);
  private static final Backoff PAUSES =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10), 0.2, new Random());

  private final Closing closing = new Closing();
  private final RedisConnections connections;
  private final OrchestratorKeys keys;
  private final Supplier<Limits> limits;
  private final Clocks clocks;
  private final ScriptRunner logScripts;
  private final LogAppend logAppend;
  private final Installation installation;
  private final boolean events;
  private final List<String> warnings;

  private Truth(Settings settings, Supplier<Limits> limits, Clocks clocks, Sleeper sleeper)
      throws InterruptedException {
    Settings.Stores stores = settings.stores();
    this.limits = limits;
    this.clocks = clocks;
    this.keys = stores.keys();
    this.connections =
        closing.add("redis", connected(stores.orchestrator(), clocks.wall(), sleeper));
    this.warnings = judged(connections, keys.meta(), stores.orchestrator().where());
    RedisConnections logConnections =
        stores.buildLogs().equals(stores.orchestrator())
            ? connections
            : closing.add(
                "redis of the logs", connected(stores.buildLogs(), clocks.wall(), sleeper));
    this.logScripts = logConnections.scripts("logs");
    Keeping.Logs kept = settings.work().keeping().logs();
    this.logAppend = new LogAppend(logScripts, new LogLimits(kept.maxLines(), kept.maxBytes()));
    this.events = patiently(() -> KeyspaceEvents.enable(connections), sleeper);
    this.installation =
        new StatusReader(scripts("start"))
            .found(
                new Installation(settings.identity().installation(), UUID.randomUUID().toString()));
  }

  /**
   * Connects, as soon as Redis can be reached; says in plain words what is in the way.
   *
   * @throws StartRefused when builds would not be safe in that Redis
   */
  static Truth open(Settings settings, Supplier<Limits> limits, Clocks clocks, Sleeper sleeper)
      throws InterruptedException {
    return new Truth(settings, limits, clocks, sleeper);
  }

  /** Transitions on a connection of their own. */
  OrchestratorScripts scripts(String purpose) {
    return new OrchestratorScripts(connections.scripts(purpose), keys, limits, clocks.redis());
  }

  RedisConnections connections() {
    return connections;
  }

  OrchestratorKeys keys() {
    return keys;
  }

  /** With the uuid of the present Redis state. */
  Installation installation() {
    return installation;
  }

  /** What an operator should know about this Redis, in plain words. */
  List<String> warnings() {
    if (events) {
      return warnings;
    }
    List<String> all = new ArrayList<>(warnings);
    all.add("Redis tells of no expired keys: lost workers are noticed by the sweep alone.");
    return all;
  }

  RedisBuildLogs logs() {
    return new RedisBuildLogs(logAppend, new LogRead(logScripts));
  }

  /** What happens to the logs of ended builds. */
  EndedLogs endedLogs() {
    return new EndedLogs() {
      @Override
      public void close(BuildId build) {
        logAppend.close(build);
      }

      @Override
      public void delete(BuildId build) {
        logAppend.delete(build);
      }
    };
  }

  @Override
  public void close() {
    closing.close();
  }

  private static RedisConnections connected(
      RedisSettings settings, InstantSource clock, Sleeper sleeper) throws InterruptedException {
    return patiently(() -> RedisConnections.open(settings, clock), sleeper);
  }

  /** Asks until Redis answers, and says what it waits for. */
  private static <T> T patiently(Supplier<T> question, Sleeper sleeper)
      throws InterruptedException {
    for (int failures = 0; ; failures++) {
      try {
        return question.get();
      } catch (RedisUnavailable e) {
        log.warn("waiting for Redis: {}", e.getMessage());
        sleeper.sleep(PAUSES.delay(failures));
      }
    }
  }

  private static List<String> judged(RedisConnections connections, String key, String where) {
    List<String> warnings = new ArrayList<>();
    for (StartupChecks.Finding finding : StartupChecks.of(connections.facts(key))) {
      if (finding.fatal()) {
        connections.close();
        throw new StartRefused(finding.sentence() + " (" + where + ")");
      }
      log.warn("{} ({})", finding.sentence(), where);
      warnings.add(finding.sentence());
    }
    return warnings;
  }
}
