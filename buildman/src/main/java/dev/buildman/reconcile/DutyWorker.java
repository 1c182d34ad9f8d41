package dev.buildman.reconcile;

import dev.buildman.executor.Executor;
import dev.buildman.executor.Presence;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.WorkerRef;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.HostId;
import dev.buildman.model.Reason;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.Insistence;
import dev.buildman.orchestrator.OrchestratorScripts;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import dev.buildman.orchestrator.duty.Duty;
import dev.buildman.orchestrator.duty.DutyConfirmed;
import dev.buildman.orchestrator.duty.DutyPostponed;
import dev.buildman.orchestrator.duty.TakeDuties;
import dev.buildman.orchestrator.events.Remark;
import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Backoff;
import dev.buildman.runtime.Tasks;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees workers gone: asks their executor to stop them, looks until they are, and puts the duty off
 * where that takes long. Taken duties come back by themselves after a minute, so nothing is lost
 * when a manager dies meanwhile.
 */
public final class DutyWorker implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DutyWorker.class);

  // Nearly all of their time they wait: no slot shall stay taken because others leave slowly.
  private static final int MOST_AT_ONCE = 1_000;
  private static final int MOST_TAKEN = 100;
  // Calls to one executor at a time; others go on while its control plane does not answer.
  private static final int MOST_STOPS = 32;
  private static final Duration FOR_A_TURN = Duration.ofSeconds(15);
  private static final int LINES_TOLD = 10;
  // Some five minutes, as a control plane may be ill so long. Then a worker's end alone is enough:
  // what is never answered otherwise, as for want of a right, must not hold the others up.
  private static final int STOPS_OF_THE_GONE = 6;
  // Together well within the minute for which a duty is ours.
  private static final Duration LEAVING = Duration.ofSeconds(10);
  private static final Duration ENDING = Duration.ofSeconds(17);
  private static final Set<String> LEAVES_BY_ITSELF =
      Stream.of(
              Reason.COMPLETED,
              Reason.AGENT_FAILED,
              Reason.SOURCE_UNAVAILABLE,
              Reason.SOURCE_INVALID,
              Reason.GIT_FAILED,
              Reason.GIT_REF_NOT_FOUND,
              Reason.DOCKERFILE_INVALID,
              Reason.BASE_IMAGE_UNAVAILABLE,
              Reason.BUILD_FAILED,
              Reason.PUSH_FAILED,
              Reason.PUSH_DENIED,
              Reason.REGISTRY_QUOTA,
              Reason.TAG_IMMUTABLE,
              Reason.PUSH_REJECTED)
          .map(Reason::code)
          .collect(Collectors.toUnmodifiableSet());
  private static final Backoff LATER =
      new Backoff(Duration.ofSeconds(5), Duration.ofSeconds(300), 0.2, new Random());
  // A launch that was never answered may still come: so its name is stopped again and again.
  private static final Duration FOR_A_LATE_LAUNCH = Duration.ofSeconds(60);

  private final OrchestratorScripts scripts;
  private final KnownExecutors executors;
  private final Supplier<List<HostId>> hosts;
  private final Hooks hooks;
  private final Insistence insistence;
  private final Semaphore free = new Semaphore(MOST_AT_ONCE);
  private final Map<ExecutorName, Semaphore> stops = new ConcurrentHashMap<>();
  private final Tasks tasks = new Tasks();

  /**
   * @param hosts whose workers are seen from here now
   */
  public DutyWorker(
      OrchestratorScripts scripts,
      KnownExecutors executors,
      Supplier<List<HostId>> hosts,
      Hooks hooks,
      Insistence insistence) {
    this.scripts = scripts;
    this.executors = executors;
    this.hosts = hosts;
    this.hooks = hooks;
    this.insistence = insistence;
  }

  /** Takes the duties that are due and begins to work on them, each on a thread of its own. */
  public void runOnce() {
    try {
      hosts.get().forEach(this::takeAll);
    } catch (RedisUnavailable e) {
      log.debug("no duties taken: cause={}", e.getMessage());
    }
  }

  private void takeAll(HostId host) {
    int room = free.availablePermits();
    while (room > 0) {
      List<Duty> taken =
          new TakeDuties(scripts).run(host, Math.min(room, MOST_TAKEN)).held().orElse(List.of());
      taken.forEach(this::begin);
      room = taken.isEmpty() ? 0 : free.availablePermits();
    }
  }

  private void begin(Duty duty) {
    // Only this loop's thread takes, so there is room for what it asked for.
    if (!free.tryAcquire()) {
      throw new IllegalStateException("more duties than asked for");
    }
    tasks.start(
        "duty-" + duty.attempt().attempt(),
        () -> {
          try {
            work(duty);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          } finally {
            free.release();
          }
        });
  }

  void work(Duty duty) throws InterruptedException {
    if (duty.abandoned()) {
      // Its host is gone for good; agents of ours have ended themselves there.
      confirm(duty);
      return;
    }
    Optional<Executor> executor = executors.seeing(duty.worker());
    if (executor.isEmpty()) {
      log.warn(
          "worker cannot be stopped from here, no executor '{}' for it: attempt={}, host={}",
          duty.worker().executor(),
          duty.attempt().attempt(),
          duty.worker().host().map(HostId::value).orElse(""));
      postpone(duty, LATER.max(), "no manager that is up sees its executor");
      return;
    }
    WorkerRef worker = Workers.ref(duty.worker());
    if (LEAVES_BY_ITSELF.contains(duty.reason())) {
      // Its agent has had its answer: it sends its last lines, clears up and goes.
      Workers.awaitGone(executor.get(), worker, LEAVING);
    }
    if (duty.reason().equals(Reason.NEVER_REGISTERED.code()) && duty.progress().tries() == 0) {
      tellWhatItPrinted(duty, executor.get(), worker);
    }
    // Also for one that is gone: what was made for it goes too.
    StopResult stopped = stop(executor.get(), worker);
    Presence presence =
        stopped instanceof StopResult.Asked
            ? Workers.awaitGone(executor.get(), worker, ENDING)
            : Workers.confirmGone(executor.get(), worker);
    boolean settled =
        stopped instanceof StopResult.Asked || duty.progress().tries() >= STOPS_OF_THE_GONE;
    if (presence instanceof Presence.Gone && settled) {
      confirm(duty);
    } else {
      log.info(
          "worker not seen gone and cleared away yet: attempt={}, executor={}, tries={}, stop={},"
              + " presence={}",
          duty.attempt().attempt(),
          executor.get().name(),
          duty.progress().tries() + 1,
          stopped,
          presence);
      postpone(duty, LATER.delay(duty.progress().tries()), trouble(stopped, presence));
    }
  }

  /** With the worker goes the only trace of why its agent never came. */
  private void tellWhatItPrinted(Duty duty, Executor executor, WorkerRef worker)
      throws InterruptedException {
    List<String> lines = Workers.printed(executor, worker);
    if (lines.isEmpty()) {
      return;
    }
    List<String> last = lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size());
    String sentence = "The worker's last lines: " + String.join(" | ", last);
    insistence.until(
        () ->
            new Remark(scripts)
                .run(
                    duty.attempt().attempt(),
                    Reason.NEVER_REGISTERED,
                    Optional.of(executor.name()),
                    sentence));
  }

  private StopResult stop(Executor executor, WorkerRef worker) throws InterruptedException {
    Semaphore turns = stops.computeIfAbsent(executor.name(), _ -> new Semaphore(MOST_STOPS));
    if (!turns.tryAcquire(FOR_A_TURN.toMillis(), TimeUnit.MILLISECONDS)) {
      return new StopResult.Failed(
          "%d workers of executor '%s' were to be stopped before it, and it has not answered"
              .formatted(MOST_STOPS, executor.name()));
    }
    try {
      return Workers.stop(executor, worker);
    } finally {
      turns.release();
    }
  }

  private void confirm(Duty duty) throws InterruptedException {
    Result<Done> result = insistence.until(() -> new DutyConfirmed(scripts).run(duty.attempt()));
    if (result instanceof Result.Refused<Done>(Refusal refusal, String detail)
        && refusal == Refusal.NOT_DUE) {
      Duration left = Duration.ofMillis(Long.parseLong(detail));
      Duration wait = left.compareTo(FOR_A_LATE_LAUNCH) < 0 ? left : FOR_A_LATE_LAUNCH;
      int tries = duty.progress().tries() + 1;
      String trouble = "its launch was never answered, so it may still come";
      insistence.until(
          () -> new DutyPostponed(scripts).forLaunch(duty.attempt(), wait, tries, trouble));
      return;
    }
    if (result instanceof Result.Applied) {
      log.info(
          "worker gone: attempt={}, executor={}",
          duty.attempt().attempt(),
          duty.worker().executor());
      hooks.room();
      hooks.runnable();
    }
  }

  private static String trouble(StopResult stopped, Presence presence) {
    return switch (presence) {
      case Presence.Unknown(String sentence) -> sentence;
      case Presence.Gone _ when stopped instanceof StopResult.Failed(String sentence) ->
          "it has ended, and what was made for it could not be removed: " + sentence;
      case Presence.Gone _, Presence.Present _ ->
          stopped instanceof StopResult.Failed(String sentence)
              ? sentence
              : "its executor still sees it";
    };
  }

  private void postpone(Duty duty, Duration wait, String trouble) throws InterruptedException {
    int tries = duty.progress().tries() + 1;
    insistence.until(() -> new DutyPostponed(scripts).run(duty.attempt(), wait, tries, trouble));
  }

  /** Leaves what is under way; each duty comes back by itself, to whoever takes it then. */
  @Override
  public void close() {
    tasks.close();
  }
}
