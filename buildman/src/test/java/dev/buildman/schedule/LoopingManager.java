package dev.buildman.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Choice;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.RedisTime;
import dev.buildman.orchestrator.events.EventFeed;
import dev.buildman.orchestrator.events.ExecutorCondition;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.Tick;
import dev.buildman.reconcile.EndedLogs;
import dev.buildman.reconcile.Hooks;
import dev.buildman.reconcile.KnownExecutors;
import dev.buildman.reconcile.OldSources;
import dev.buildman.reconcile.Reconciliation;
import dev.buildman.reconcile.RetentionSettings;
import dev.buildman.redis.KeyspaceEvents;
import dev.buildman.sources.SourceStore;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A manager without listeners: it dispatches to one executor that takes one worker, ticks, and
 * sweeps or hears events as the test wants. Leases and registration times last a second.
 */
final class LoopingManager implements AutoCloseable {
  static final ManagerInfo INFO =
      new ManagerInfo(new ManagerId("m"), new HostId("h"), "1", Instant.EPOCH, false);
  private static final Duration SECOND = Duration.ofSeconds(1);

  final FakeExecutor executor = new FakeExecutor("only");
  final OrchestratorScripts scripts;
  private final TestRedis redis;
  private final TestManager manager;
  private final Reconciliation reconciliation;
  private @Nullable EventFeed feed;

  /** Starts all but the dispatcher. */
  LoopingManager(TestRedis redis, Path folder, boolean sweeping, boolean hearing)
      throws IOException {
    this.redis = redis;
    this.scripts = redis.scripts(LoopingManager::limits, RedisTime.SERVER);
    ExecutorSettings settings =
        ExecutorSettings.defaults(executor.name())
            .withChoice(new Choice(0, Set.of(), 1, OptionalInt.of(1)));
    this.manager = new TestManager(scripts, "m", new TestManager.Place(executor, settings));
    this.reconciliation = reconciliation(folder, sweeping);
    reconciliation.start();
    String meta = redis.keys().meta();
    await().until(() -> redis.raw().hexists(meta, "grace_until"));
    // The first tick of all begins a grace, as nobody knows what was before.
    redis.raw().hset(meta, "grace_until", "0");
    if (hearing) {
      hear();
    }
  }

  private static Limits limits() {
    Limits limits = Limits.defaults();
    Limits.Times times = limits.times();
    return limits
        .with(new Limits.Capacity(10, 1, 0, 1000))
        .with(
            new Limits.Times(
                SECOND,
                SECOND,
                times.machineMax(),
                times.terminationHold(),
                times.reconnectWindow()));
  }

  private Reconciliation reconciliation(Path folder, boolean sweeping) throws IOException {
    String meta = redis.keys().meta();
    Reconciliation.Parts parts =
        new Reconciliation.Parts(
            scripts,
            new Tick(scripts, () -> redis.connections().facts(meta)),
            INFO,
            TestManager.INSTALLATION,
            new KnownExecutors(List.of(executor)),
            new Reconciliation.Kept(
                noLogs(),
                new OldSources(
                    scripts,
                    SourceStore.open(folder, 1 << 20, InstantSource.system()),
                    InstantSource.system())));
    return new Reconciliation(
        parts,
        new Reconciliation.Pace(SECOND, sweeping, RetentionSettings.DEFAULT),
        hooks(),
        new Metrics());
  }

  private Hooks hooks() {
    return new Hooks() {
      @Override
      public List<ExecutorCondition> conditions() {
        return List.of();
      }

      @Override
      public void runnable() {
        manager.dispatcher.wake();
      }

      @Override
      public void room() {
        manager.dispatcher.wakeForRoom();
      }
    };
  }

  private static EndedLogs noLogs() {
    return new EndedLogs() {
      @Override
      public void close(BuildId build) {}

      @Override
      public void delete(BuildId build) {}
    };
  }

  private void hear() {
    assertThat(KeyspaceEvents.enable(redis.connections())).isTrue();
    EventFeed events =
        new EventFeed(
            redis.connections(),
            redis.keys(),
            INFO.id(),
            reconciliation.listener(),
            System::nanoTime);
    feed = events;
    events.runOnce();
    await().until(() -> events.silence().compareTo(SECOND) < 0);
  }

  /** Claims and launches from now on. */
  void dispatch() {
    manager.dispatcher.start();
  }

  @Override
  public void close() {
    manager.close();
    if (feed != null) {
      feed.close();
    }
    reconciliation.close();
  }
}
