package dev.buildman;

import dev.buildman.buildlogs.LogHints;
import dev.buildman.config.HostPort;
import dev.buildman.metrics.Gauges;
import dev.buildman.metrics.Health;
import dev.buildman.metrics.HealthListener;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.events.EventFeed;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.events.Tick;
import dev.buildman.reconcile.Reconciliation;
import dev.buildman.reconcile.RetentionSettings;
import dev.buildman.redis.RedisHealth;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.schedule.Dispatcher;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A manager: its parts, wired by hand in order, and closed in reverse. */
public final class Buildman implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Buildman.class);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration SNAPSHOT = Duration.ofSeconds(5);
  private static final Backoff ON_FAILURE =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10), 0.2, new Random());

  private final Closing closing = new Closing();
  private final Metrics metrics = new Metrics();
  private final Health health = new Health();
  private final AtomicReference<Limits> limits;
  private final AtomicReference<Reloadable> live;
  private final AtomicBoolean draining = new AtomicBoolean();
  private final Settings settings;
  private final ManagerInfo manager;
  private Optional<Working> working = Optional.empty();

  /** The parts that a drain asks. */
  private record Working(Dispatcher dispatcher, Reconciliation reconciliation, AgentsSide agents) {}

  private Buildman(Settings settings) {
    this.settings = settings;
    this.limits = new AtomicReference<>(settings.work().limits());
    this.live = new AtomicReference<>(settings.reloadable());
    HostId host = settings.identity().hostId().orElseGet(ThisHost::id);
    this.manager =
        new ManagerInfo(managerId(), host, Version.TEXT, InstantSource.system().instant(), false);
  }

  /**
   * Starts all parts; returns when everything is served. While Redis cannot be reached it waits,
   * and health says so.
   *
   * @throws StartRefused when it cannot run here; says why and what to do
   * @throws InterruptedException when it shall not start any more; then nothing is left open
   */
  public static Buildman start(Settings settings) throws IOException, InterruptedException {
    Buildman buildman = new Buildman(settings);
    try {
      buildman.open();
      return buildman;
    } catch (IOException | InterruptedException | RuntimeException e) {
      buildman.close();
      throw e;
    }
  }

  /** Takes new values of what may change. */
  public void apply(Reloadable now) {
    limits.updateAndGet(present -> present.with(now.capacity()));
    live.set(now);
    LogLevels.set(now.level());
    working.ifPresent(parts -> parts.dispatcher().wakeForRoom());
  }

  /**
   * Claims nothing any more, and keeps its agents' streams until they end, at most {@code
   * DRAIN_TIMEOUT}. To be closed afterwards.
   */
  public void drain() throws InterruptedException {
    draining.set(true);
    if (working.isPresent()) {
      Working parts = working.get();
      log.info("draining: timeout={}", settings.work().pace().drain());
      parts.dispatcher().stopClaiming();
      parts.reconciliation().drain();
      boolean launched = parts.dispatcher().awaitWalks(settings.work().pace().drain());
      int left = parts.agents().listener().drain(Ticker.system(), Sleeper.system());
      log.info("drained: launches ended={}, streams left={}", launched, left);
    }
  }

  @Override
  public void close() {
    closing.close();
  }

  private void open() throws IOException, InterruptedException {
    LogLevels.set(settings.work().level());
    health.check(
        "draining", () -> draining.get() ? Optional.of("this manager ends") : Optional.empty());
    AtomicBoolean started = new AtomicBoolean();
    health.check(
        "start",
        () -> started.get() ? Optional.empty() : Optional.of("waiting for Redis to answer"));
    HealthListener healthListener =
        closing.add(
            "health listener",
            new HealthListener(AgentsSide.socket(settings.listeners().metrics()), health, metrics));
    log.info("health and metrics are served: port={}", healthListener.port());
    if (settings.mode() instanceof Mode.Idle(String why)) {
      log.info("idle: {}", why);
    } else {
      work();
    }
    started.set(true);
  }

  private void work() throws IOException, InterruptedException {
    Truth truth = closing.add("truth", Truth.open(settings, limits::get, Sleeper.system()));
    Keys keys = Keys.of(settings.identity(), InstantSource.system());
    Executors executors =
        Executors.of(settings.executors(), truth.installation(), manager.host(), closing);
    SourcesSide sources =
        SourcesSide.start(settings, keys, truth.installation(), truth.scripts("sources"));
    closing.add("sources' server", sources.server());
    LogHints logHints = new LogHints();
    AgentsSide agents =
        closing.add(
            "agents",
            AgentsSide.start(
                settings,
                new AgentsSide.Parts(
                    manager.id(),
                    truth.scripts("agents"),
                    truth.logs(),
                    logHints,
                    keys,
                    executors.chain()),
                sources.urls(),
                metrics));
    Dispatcher dispatcher =
        WorkersSide.dispatcher(
            settings,
            new WorkersSide.Parts(
                manager.id(),
                truth.installation(),
                truth.scripts("dispatch"),
                executors.chain(),
                keys.tokens(),
                dialled(agents.listener().port())),
            metrics);
    Reconciliation reconciliation = reconciliation(truth, executors, dispatcher);
    working = Optional.of(new Working(dispatcher, reconciliation, agents));
    watch(truth, agents);
    Events events = new Events();
    events.add(reconciliation.listener());
    events.add(agents.events());
    EventFeed feed =
        closing.add(
            "events",
            new EventFeed(
                truth.connections(), truth.keys(), manager.id(), events, System::nanoTime));
    closing.add("event loop", Loop.start("events", SECOND, ON_FAILURE, feed::runOnce));
    closing.add("reconciliation", reconciliation);
    reconciliation.start();
    closing.add("dispatcher", dispatcher);
    dispatcher.start();
    report(truth, executors);
  }

  private Reconciliation reconciliation(Truth truth, Executors executors, Dispatcher dispatcher) {
    String meta = truth.keys().meta();
    Keeping.Retention retention = settings.work().keeping().retention();
    return new Reconciliation(
        new Reconciliation.Parts(
            truth.scripts("reconcile"),
            new Tick(truth.scripts("tick"), () -> truth.connections().facts(meta)),
            manager,
            truth.installation(),
            executors.known(),
            truth.endedLogs()),
        new Reconciliation.Pace(
            settings.work().pace().sweep(),
            true,
            new RetentionSettings(retention.builds(), retention.logs())),
        WorkersSide.hooks(dispatcher),
        metrics);
  }

  private void watch(Truth truth, AgentsSide agents) {
    RedisHealth redis = truth.connections().health();
    String where = truth.connections().settings().where();
    health.check(
        "redis",
        () ->
            redis
                .awaySince()
                .map(
                    since ->
                        "Redis at %s has not answered since %s; builds go on and wait for it"
                            .formatted(where, since)));
    redis.listen(
        new RedisHealth.Listener() {
          @Override
          public void away() {
            agents.listener().serving(false);
          }

          @Override
          public void back(Duration after) {
            agents.listener().serving(true);
          }
        });
    Snapshots snapshots = new Snapshots(new StatusReader(truth.scripts("metrics")), limits::get);
    Gauges gauges =
        new Gauges(
            metrics,
            snapshots,
            settings.executors().stream()
                .map(executor -> executor.common().name().value())
                .toList());
    closing.add("gauges", Loop.start("gauges", SNAPSHOT, ON_FAILURE, gauges::runOnce));
  }

  /** Port 0 of the file became a real one. */
  private HostPort dialled(int bound) {
    HostPort dialled = settings.identity().dialled();
    return dialled.port() == 0 ? new HostPort(dialled.host(), bound) : dialled;
  }

  private void report(Truth truth, Executors executors) {
    Listeners listeners = settings.listeners();
    log.info(
        "manager runs: id={}, version={}, installation={}, host={}",
        manager.id(),
        manager.version(),
        truth.installation().id(),
        manager.host());
    log.info(
        "agents dial {} and fetch sources from port {}; Redis is {}; workers at most {}",
        settings.identity().dialled(),
        listeners.agents().http().port(),
        settings.stores().orchestrator().where(),
        limits.get().capacity().allowedWorkers());
    executors
        .chain()
        .links()
        .forEach(link -> log.info("executor: name={}, kind=popen", link.name()));
    if (!truth.tellsOfExpiry()) {
      log.warn(
          "Redis tells of no expired keys: lost workers are noticed by the sweep alone, every {}",
          settings.work().pace().sweep());
    }
  }

  private static ManagerId managerId() {
    String host = ThisHost.name().replaceAll("[^A-Za-z0-9._-]", "-");
    String shortened = host.substring(0, Math.min(host.length(), 40));
    return new ManagerId(shortened + "-" + UUID.randomUUID().toString().substring(0, 13));
  }

  /** When this manager started, by its own clock. */
  public Instant started() {
    return manager.started();
  }
}
