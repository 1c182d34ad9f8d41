package dev.buildman.schedule;

import static dev.buildman.testing.orchestrator.TestOrchestrator.sure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.buildman.executor.Choice;
import dev.buildman.executor.ExecutorSettings;
import dev.buildman.executor.Exit;
import dev.buildman.executor.FakeExecutor;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.BuildId;
import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.WorkerExit;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.RedisTime;
import dev.buildman.orchestrator.events.EventFeed;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.Tick;
import dev.buildman.orchestrator.job.JobRecord;
import dev.buildman.orchestrator.job.Jobs;
import dev.buildman.orchestrator.queue.Cancel;
import dev.buildman.orchestrator.queue.Claim;
import dev.buildman.orchestrator.queue.Enqueue;
import dev.buildman.reconcile.EndedLogs;
import dev.buildman.reconcile.Hooks;
import dev.buildman.reconcile.KnownExecutors;
import dev.buildman.reconcile.OldSources;
import dev.buildman.reconcile.Reconciliation;
import dev.buildman.reconcile.RetentionSettings;
import dev.buildman.redis.KeyspaceEvents;
import dev.buildman.sources.SourceStore;
import dev.buildman.testing.orchestrator.TestOrchestrator;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events make things fast, the sweep makes them right: each alone does all that both do. */
@RedisTest
class HintsAndSweepIT {
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration IN_THE_END = Duration.ofSeconds(15);
  private static final ManagerInfo MANAGER =
      new ManagerInfo(new ManagerId("m"), new HostId("h"), "1", Instant.EPOCH, false);

  private final FakeExecutor executor = new FakeExecutor("only");
  private final Metrics metrics = new Metrics();
  @TempDir private Path folder;
  private TestRedis redis;
  private OrchestratorScripts scripts;
  private TestManager manager;
  private Reconciliation reconciliation;
  private EventFeed feed;

  @BeforeEach
  void open(TestRedis server) {
    redis = server;
    Limits limits = Limits.defaults();
    Limits.Times times = limits.times();
    Limits quick =
        limits
            .with(new Limits.Capacity(10, 1, 0, 1000))
            .with(
                new Limits.Times(
                    times.lease(),
                    SOON,
                    times.machineMax(),
                    times.terminationHold(),
                    times.reconnectWindow()));
    scripts = server.scripts(() -> quick, RedisTime.SERVER);
    assertThat(KeyspaceEvents.enable(server.connections())).isTrue();
    ExecutorSettings settings =
        ExecutorSettings.defaults(executor.name())
            .withChoice(new Choice(0, Set.of(), 1, OptionalInt.of(1)));
    manager = new TestManager(scripts, "m", new TestManager.Place(executor, settings));
  }

  @AfterEach
  void close() {
    manager.close();
    if (feed != null) {
      feed.close();
    }
    reconciliation.close();
  }

  private void start(boolean sweeping, boolean hearing) throws IOException {
    Hooks hooks =
        new Hooks() {
          @Override
          public void runnable() {
            manager.dispatcher.wake();
          }

          @Override
          public void room() {
            manager.dispatcher.wakeForRoom();
          }
        };
    String meta = redis.keys().meta();
    Reconciliation.Parts parts =
        new Reconciliation.Parts(
            scripts,
            new Tick(scripts, () -> redis.connections().facts(meta)),
            MANAGER,
            TestManager.INSTALLATION,
            new KnownExecutors(List.of(executor)),
            new Reconciliation.Kept(
                noLogs(),
                new OldSources(
                    scripts,
                    SourceStore.open(folder, 1 << 20, InstantSource.system()),
                    InstantSource.system())));
    Reconciliation.Pace pace = new Reconciliation.Pace(SOON, sweeping, RetentionSettings.DEFAULT);
    reconciliation = new Reconciliation(parts, pace, hooks, metrics);
    reconciliation.start();
    if (hearing) {
      feed =
          new EventFeed(
              redis.connections(),
              redis.keys(),
              MANAGER.id(),
              reconciliation.listener(),
              System::nanoTime);
      feed.runOnce();
      await().until(() -> feed.silence().compareTo(Duration.ofSeconds(1)) < 0);
    }
    manager.dispatcher.start();
  }

  private static EndedLogs noLogs() {
    return new EndedLogs() {
      @Override
      public void close(BuildId build) {}

      @Override
      public void delete(BuildId build) {}
    };
  }

  private BuildId enqueue(String repository) {
    return sure(new Enqueue(scripts).run(TestOrchestrator.build(repository)));
  }

  private void awaitLaunched(BuildId build, Duration atMost) {
    await()
        .atMost(atMost)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(
            () ->
                assertThat(new Jobs(scripts).get(build).map(JobRecord::step))
                    .contains(JobRecord.Step.LAUNCHED));
  }

  private void enqueueCancelFreeAndExpire(Duration atMost) {
    BuildId first = enqueue("ns/first");
    awaitLaunched(first, atMost);

    // One slot: the second waits for the first one's, which a cancel frees.
    BuildId second = enqueue("ns/second");
    await().untilAsserted(() -> assertThat(executor.running()).hasSize(1));
    sure(new Cancel(scripts).run(first, "somebody", ""));
    awaitLaunched(second, atMost.multipliedBy(2));

    // A worker that ends by itself makes room, too.
    BuildId third = enqueue("ns/third");
    executor.end(executor.running().getFirst().name(), exit());
    awaitLaunched(third, atMost.multipliedBy(2));
  }

  private static Exit exit() {
    return new Exit(WorkerExit.withStatus(1), List.of());
  }

  @Test
  void withoutTheSweepEverythingStillHappensWithinASecond() throws IOException {
    start(false, true);

    enqueueCancelFreeAndExpire(SOON);
  }

  @Test
  void withoutEventsEverythingStillHappensInTheEnd() throws IOException {
    start(true, false);

    enqueueCancelFreeAndExpire(IN_THE_END);
  }

  @Test
  void theClaimOfALostManagerIsTakenBackByItsExpiryEventAlone() throws IOException {
    BuildId build = enqueue("ns/repo");
    Nonce lost = Nonce.of(new ManagerId("lost"), 1, new byte[16]);
    sure(new Claim(scripts).run(lost, 1));
    start(false, true);

    awaitLaunched(build, Duration.ofSeconds(8));
  }

  @Test
  void theClaimOfALostManagerIsTakenBackByTheSweepAlone() throws IOException {
    BuildId build = enqueue("ns/repo");
    Nonce lost = Nonce.of(new ManagerId("lost"), 1, new byte[16]);
    sure(new Claim(scripts).run(lost, 1));
    start(true, false);

    awaitLaunched(build, IN_THE_END);
  }
}
