package dev.buildman;

import dev.buildman.buildlogs.LogHints;
import dev.buildman.config.HostPort;
import dev.buildman.edge.client.ClientListener;
import dev.buildman.intake.BuildHints;
import dev.buildman.metrics.Gauges;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.events.EventFeed;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.StatusReader;
import dev.buildman.orchestrator.events.Tick;
import dev.buildman.reconcile.OldSources;
import dev.buildman.reconcile.Reconciliation;
import dev.buildman.redis.RedisHealth;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import dev.buildman.schedule.Dispatcher;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a manager that builds, in the order in which they are opened. */
final class Working implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Working.class);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration SNAPSHOT = Duration.ofSeconds(5);
  private static final Backoff ON_FAILURE =
      new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(10), 0.2, new Random());

  /** What may change while the parts work. */
  record Live(Supplier<Limits> limits, Supplier<List<Secret>> apiTokens) {}

  private final Closing closing = new Closing();
  private final Settings settings;
  private final ManagerInfo manager;
  private final Live live;
  private final Clocks clocks;
  private final Metrics metrics;
  private final LogHints logHints = new LogHints();
  private final Truth truth;
  private final Keys keys;
  private final Executors executors;
  private final SourcesSide sources;
  private final AgentsSide agents;
  private final Dispatcher dispatcher;
  private final Reconciliation reconciliation;
  private final ClientListener clients;

  private Working(
      Settings settings,
      ManagerInfo manager,
      Live live,
      Clocks clocks,
      Executors.Maker maker,
      Metrics metrics)
      throws IOException, InterruptedException {
    this.settings = settings;
    this.live = live;
    this.clocks = clocks;
    this.metrics = metrics;
    try {
      this.truth =
          closing.add("truth", Truth.open(settings, live.limits(), clocks, Sleeper.system()));
      this.keys = Keys.of(settings.identity(), clocks.wall());
      this.executors =
          maker.make(
              settings.executors(),
              new Executors.Surroundings(truth.installation(), manager.host(), clocks.wall()),
              closing);
      this.manager = manager;
      this.sources =
          SourcesSide.start(
              settings, keys, truth.installation(), truth.scripts("sources"), clocks.wall());
      closing.add("sources' server", sources.server());
      this.agents = closing.add("agents", agents());
      this.dispatcher = dispatcher();
      this.reconciliation = reconciliation();
      BuildHints buildHints = new BuildHints();
      listen(buildHints);
      closing.add("reconciliation", reconciliation);
      reconciliation.start();
      closing.add("dispatcher", dispatcher);
      dispatcher.start();
      this.clients = closing.add("clients' listener", clients(buildHints));
      gauge();
    } catch (IOException | InterruptedException | RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  /** Opens all parts; waits while Redis cannot be reached. */
  static Working open(
      Settings settings,
      ManagerInfo manager,
      Live live,
      Clocks clocks,
      Executors.Maker maker,
      Metrics metrics)
      throws IOException, InterruptedException {
    return new Working(settings, manager, live, clocks, maker, metrics);
  }

  Truth truth() {
    return truth;
  }

  Executors executors() {
    return executors;
  }

  RedisHealth redis() {
    return truth.connections().health();
  }

  int agentsPort() {
    return agents.listener().port();
  }

  int clientsPort() {
    return clients.port();
  }

  /** Whether agents should be sent here. */
  void serving(boolean yes) {
    agents.listener().serving(yes);
    clients.serving(yes);
  }

  /** More may be claimed than before. */
  void room() {
    dispatcher.wakeForRoom();
  }

  /** Claims no more; launches that have begun go on. */
  void stopClaiming() {
    dispatcher.stopClaiming();
    reconciliation.drain();
  }

  /**
   * Waits for launches and for agents' streams, each for {@code DRAIN_TIMEOUT}.
   *
   * @return streams that were still open
   */
  int drain() throws InterruptedException {
    boolean launched = dispatcher.awaitWalks(settings.work().pace().drain());
    int left = agents.listener().drain(Ticker.system(), Sleeper.system());
    return launched ? left : Math.max(left, 1);
  }

  @Override
  public void close() {
    closing.close();
  }

  private AgentsSide agents() {
    return AgentsSide.start(
        settings,
        new AgentsSide.Parts(
            manager.id(), truth.scripts("agents"), truth.logs(), logHints, keys, executors.chain()),
        sources.urls(),
        clocks.wall(),
        metrics);
  }

  private Dispatcher dispatcher() {
    return WorkersSide.dispatcher(
        settings,
        new WorkersSide.Parts(
            manager.id(),
            truth.installation(),
            truth.scripts("dispatch"),
            executors.chain(),
            keys.tokens(),
            dialled()),
        metrics);
  }

  /** Port 0 of the file became a real one. */
  private HostPort dialled() {
    HostPort dialled = settings.identity().dialled();
    return dialled.port() == 0 ? new HostPort(dialled.host(), agentsPort()) : dialled;
  }

  private Reconciliation reconciliation() {
    String meta = truth.keys().meta();
    return new Reconciliation(
        new Reconciliation.Parts(
            truth.scripts("reconcile"),
            new Tick(truth.scripts("tick"), () -> truth.connections().facts(meta)),
            manager,
            truth.installation(),
            executors.known(),
            new Reconciliation.Kept(
                truth.endedLogs(),
                new OldSources(truth.scripts("old-sources"), sources.store(), clocks.wall()))),
        new Reconciliation.Pace(
            settings.work().pace().sweep(), true, settings.work().keeping().retention()),
        WorkersSide.hooks(dispatcher, executors.chain()),
        metrics);
  }

  private void listen(BuildHints buildHints) {
    Events events = new Events();
    events.add(reconciliation.listener());
    events.add(agents.events());
    events.add(buildHints);
    EventFeed feed =
        closing.add(
            "events",
            new EventFeed(
                truth.connections(), truth.keys(), manager.id(), events, System::nanoTime));
    closing.add("event loop", Loop.start("events", SECOND, ON_FAILURE, feed::runOnce));
  }

  private ClientListener clients(BuildHints buildHints) {
    return ClientsSide.start(
        settings,
        new ClientsSide.Parts(
            truth.scripts("clients"),
            truth.logs(),
            logHints,
            keys.specs(),
            sources.store(),
            buildHints),
        new ClientsSide.About(truth.installation(), executors.chain(), truth::warnings),
        live.apiTokens(),
        metrics);
  }

  private void gauge() {
    Snapshots snapshots = new Snapshots(new StatusReader(truth.scripts("metrics")), live.limits());
    List<String> names =
        executors.chain().links().stream().map(link -> link.name().value()).toList();
    Gauges gauges = new Gauges(metrics, snapshots, names);
    closing.add("gauges", Loop.start("gauges", SNAPSHOT, ON_FAILURE, () -> look(gauges)));
  }

  private static void look(Gauges gauges) {
    try {
      gauges.runOnce();
    } catch (RedisUnavailable e) {
      // Redis's own watch has logged it; the gauges say that they do not know.
      log.debug("no figures taken: cause={}", e.getMessage());
    }
  }
}
