package dev.buildman;

import dev.buildman.cli.Version;
import dev.buildman.metrics.Health;
import dev.buildman.metrics.HealthListener;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.HostId;
import dev.buildman.model.ManagerId;
import dev.buildman.orchestrator.Limits;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.redis.RedisHealth;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A manager, from its settings to its end. Its parts are closed in reverse order. */
public final class Buildman implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Buildman.class);

  private final Closing closing = new Closing();
  private final Metrics metrics = new Metrics();
  private final Health health = new Health();
  private final AtomicReference<Limits> limits;
  private final AtomicReference<Reloadable> live;
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicBoolean draining = new AtomicBoolean();
  private final Settings settings;
  private final Clocks clocks;
  private final Executors.Maker maker;
  private final ManagerInfo manager;
  private Optional<Working> working = Optional.empty();

  private Buildman(Settings settings, Clocks clocks, Executors.Maker maker) {
    this.settings = settings;
    this.clocks = clocks;
    this.maker = maker;
    this.limits = new AtomicReference<>(settings.work().limits());
    this.live = new AtomicReference<>(settings.reloadable());
    HostId host = settings.identity().hostId().orElseGet(ThisHost::id);
    this.manager =
        new ManagerInfo(managerId(), host, Version.text(), clocks.wall().instant(), false);
  }

  /**
   * Starts all parts; returns when everything is served. While Redis cannot be reached it waits,
   * and health says so.
   *
   * @throws StartRefused when it cannot run here; says why and what to do
   * @throws InterruptedException when it shall not start any more; then nothing is left open
   */
  public static Buildman start(Settings settings) throws IOException, InterruptedException {
    return start(settings, Clocks.system());
  }

  /**
   * As {@link #start(Settings)}.
   *
   * @param clocks others than the machine's and Redis's own: for tests
   */
  public static Buildman start(Settings settings, Clocks clocks)
      throws IOException, InterruptedException {
    return start(settings, clocks, Executors::of);
  }

  /**
   * As {@link #start(Settings, Clocks)}.
   *
   * @param maker makes other executors than those of the settings: for tests
   */
  static Buildman start(Settings settings, Clocks clocks, Executors.Maker maker)
      throws IOException, InterruptedException {
    Buildman buildman = new Buildman(settings, clocks, maker);
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
    working.ifPresent(Working::room);
  }

  /**
   * Claims nothing any more, and keeps its agents' streams until they end, at most {@code
   * DRAIN_TIMEOUT}. To be closed afterwards.
   */
  public void drain() throws InterruptedException {
    draining.set(true);
    if (working.isPresent()) {
      log.info("draining: timeout={}", settings.work().pace().drain());
      working.get().stopClaiming();
      log.info("drained: agents left={}", working.get().drain());
    }
  }

  @Override
  public void close() {
    closing.close();
  }

  private void open() throws IOException, InterruptedException {
    LogLevels.set(settings.work().level());
    health.check("draining", () -> when(draining.get(), "this manager ends"));
    health.check("start", () -> when(!started.get(), "waiting for Redis to answer"));
    HealthListener listener =
        closing.add(
            "health listener",
            new HealthListener(AgentsSide.socket(settings.listeners().metrics()), health, metrics));
    log.info("health and metrics are served: port={}", listener.port());
    if (settings.mode() instanceof Mode.Idle(String why)) {
      log.info("idle: {}", why);
    } else {
      Working parts =
          Working.open(
              settings,
              manager,
              new Working.Live(limits::get, () -> live.get().apiTokens()),
              clocks,
              maker,
              metrics);
      closing.add("parts", parts);
      working = Optional.of(parts);
      watchRedis(parts);
      report(parts);
    }
    started.set(true);
  }

  private void watchRedis(Working parts) {
    RedisHealth redis = parts.redis();
    String where = settings.stores().orchestrator().where();
    health.check(
        "redis",
        () ->
            redis
                .awaySince()
                .map(
                    since ->
                        "Redis at %s has not answered since %s; builds go on and wait for it"
                            .formatted(where, since)));
    metrics.gauge("redis.up", "Whether Redis answers", () -> redis.awaySince().isEmpty() ? 1 : 0);
    redis.listen(
        new RedisHealth.Listener() {
          @Override
          public void away() {
            parts.serving(false);
          }

          @Override
          public void back(Duration after) {
            parts.serving(!draining.get());
          }
        });
  }

  private void report(Working parts) {
    log.info(
        "manager runs: id={}, version={}, installation={}, host={}",
        manager.id(),
        manager.version(),
        parts.truth().installation().id(),
        manager.host());
    log.info(
        "agents dial {} (listening on {}), fetch sources from port {}; clients call port {}",
        settings.identity().dialled(),
        parts.agentsPort(),
        settings.listeners().sources().port(),
        parts.clientsPort());
    log.info(
        "Redis is {}; at most {} workers at once on {}",
        settings.stores().orchestrator().where(),
        limits.get().capacity().allowedWorkers(),
        parts.executors().chain().links().stream().map(link -> link.name().value()).toList());
  }

  private static Optional<String> when(boolean trouble, String sentence) {
    return trouble ? Optional.of(sentence) : Optional.empty();
  }

  private static ManagerId managerId() {
    String host = ThisHost.name().replaceAll("[^A-Za-z0-9._-]", "-");
    String shortened = host.substring(0, Math.min(host.length(), 40));
    return new ManagerId(shortened + "-" + UUID.randomUUID().toString().substring(0, 13));
  }
}
