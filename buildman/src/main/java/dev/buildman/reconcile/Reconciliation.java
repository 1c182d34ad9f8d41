package dev.buildman.reconcile;

import dev.buildman.executor.Watch;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.HostId;
import dev.buildman.model.Installation;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.events.EventListener;
import dev.buildman.orchestrator.events.ManagerInfo;
import dev.buildman.orchestrator.events.Tick;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Loop;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Tasks;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All loops of reconciling, started and ended together. */
public final class Reconciliation implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Reconciliation.class);
  private static final Duration SECOND = Duration.ofSeconds(1);
  // Only hints, or the start, make these run.
  private static final Duration SELDOM = Duration.ofHours(1);
  private static final Duration PRESENCE = Duration.ofSeconds(5);
  private static final Duration DUTY_LOOK = Duration.ofSeconds(5);
  private static final Duration CARRIED = Duration.ofSeconds(10);
  private static final Duration REAPER = Duration.ofSeconds(30);
  private static final Duration RETENTION = Duration.ofMinutes(1);
  private static final String SWEEP = "sweep";
  private static final String DUTIES = "duties";
  private static final String ROOM = "room";
  private static final int WOKEN_BY_ROOM = 16;
  private static final Backoff ON_FAILURE =
      new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10), 0.2, new Random());

  /**
   * What reconciling works with.
   *
   * @param installation with the uuid of the present Redis state
   */
  public record Parts(
      OrchestratorScripts scripts,
      Tick tick,
      ManagerInfo manager,
      Installation installation,
      KnownExecutors executors,
      Kept kept) {}

  /** What outlives a build for a while. */
  public record Kept(EndedLogs logs, OldSources sources) {}

  /**
   * How often and for how long.
   *
   * @param sweep between two looks at all deadlines; {@code SWEEP}
   * @param sweeping false leaves all to events: for tests
   */
  public record Pace(Duration sweep, boolean sweeping, RetentionSettings retention) {

    /** Sweeps once a second, keeps what has ended for a week. */
    public static final Pace DEFAULT = new Pace(SECOND, true, RetentionSettings.DEFAULT);
  }

  private final Parts parts;
  private final Pace pace;
  private final Hooks hooks;
  private final Metrics metrics;
  private final Insistence insistence = new Insistence(Sleeper.system());
  private final DueActions actions;
  private final Attendance attendance;
  private final Map<String, Loop> loops = new ConcurrentHashMap<>();
  private final List<Watch> watches = new ArrayList<>();
  private final Tasks tasks = new Tasks();
  private final DutyWorker duties;

  public Reconciliation(Parts parts, Pace pace, Hooks hooks, Metrics metrics) {
    this.parts = parts;
    this.pace = pace;
    this.hooks = hooks;
    this.metrics = metrics;
    this.actions = new DueActions(parts.scripts(), parts.kept().logs(), hooks, metrics);
    this.attendance =
        new Attendance(
            parts.scripts(),
            parts.manager(),
            manager -> seeing(manager).withExecutors(hooks.conditions()));
    this.duties =
        new DutyWorker(parts.scripts(), parts.executors(), this::hosts, hooks, insistence);
  }

  private ManagerInfo seeing(ManagerInfo manager) {
    return manager.withDaemons(parts.executors().hosts());
  }

  /** Its own first. */
  private List<HostId> hosts() {
    return seeing(parts.manager()).hosts();
  }

  /** What this manager's event feed shall tell of hints; works from {@link #start} on. */
  public EventListener listener() {
    HintRouter.Wakes wakes =
        new HintRouter.Wakes(hooks::runnable, () -> wake(ROOM), () -> wake(DUTIES), this::wakeAll);
    return new HintRouter(actions, wakes, tasks, metrics);
  }

  /** Starts all loops, and listens to the executors: workers of earlier managers are adopted. */
  public void start() {
    OrchestratorScripts scripts = parts.scripts();
    KnownExecutors executors = parts.executors();
    Ticker ticker = Ticker.system();
    Ticking ticking = new Ticking(parts.tick(), parts.manager().id());
    loop("presence", PRESENCE, attendance::runOnce);
    loop("tick", SECOND, ticking::runOnce);
    loop(DUTIES, DUTY_LOOK, duties::runOnce);
    loop(ROOM, SELDOM, this::wakeForRoom);
    if (pace.sweeping()) {
      sweep(new Sweep(scripts, actions, this::hosts, () -> wake(DUTIES)), ticker);
    }
    Reaper reaper = new Reaper(scripts, executors, parts.installation(), ticker, metrics);
    loop("reaper", REAPER, reaper::runOnce);
    CarriedJobs carried = new CarriedJobs(scripts, executors, ticker, metrics);
    loop("carried", CARRIED, carried::runOnce);
    Retention retention =
        new Retention(scripts, parts.kept().logs(), parts.kept().sources(), pace.retention());
    loop("retention", RETENTION, retention::runOnce);
    Promotion promotion = new Promotion(scripts);
    loop("promotion", SELDOM, () -> insistence.until(promotion::run));
    ExitWatch exits = new ExitWatch(scripts, executors, insistence, tasks, metrics);
    executors.all().forEach(executor -> watches.add(exits.watch(executor)));
  }

  /** The longest that a deadline may have been overlooked is how old the last whole sweep is. */
  private void sweep(Sweep sweep, Ticker ticker) {
    AtomicLong swept = new AtomicLong(ticker.nanos());
    metrics.gauge(
        "sweep.lag.seconds",
        "Since all deadlines were last looked at",
        () -> ticker.since(swept.get()).toMillis() / 1_000d);
    loop(
        SWEEP,
        pace.sweep(),
        () -> {
          if (sweep.runOnce()) {
            swept.set(ticker.nanos());
          }
        });
  }

  private void loop(String name, Duration interval, Loop.Pass pass) {
    loops.put(name, Loop.start(name, interval, ON_FAILURE, pass));
  }

  private void wakeForRoom() {
    try {
      actions.wakeForRoom(WOKEN_BY_ROOM);
    } catch (RedisUnavailable e) {
      log.debug("room not told of: cause={}", e.getMessage());
    }
  }

  private void wake(String name) {
    Loop loop = loops.get(name);
    if (loop != null) {
      loop.wake();
    }
  }

  /** Anything may have been missed: as after a reconnect. */
  public void wakeAll() {
    wake(SWEEP);
    wake(DUTIES);
    wake("tick");
    wake("presence");
    hooks.runnable();
  }

  /** Tells the others that this manager claims nothing any more; everything else goes on. */
  public void drain() {
    attendance.drain();
  }

  /** Ends all loops; what they had begun is taken up by other managers, or by the next one. */
  @Override
  public void close() {
    watches.forEach(Watch::close);
    loops.values().forEach(Loop::close);
    duties.close();
    tasks.close();
    attendance.leave();
  }
}
