package dev.buildman.schedule;

import dev.buildman.executor.ExecutionId;
import dev.buildman.executor.ExecutionName;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.Inventory;
import dev.buildman.executor.LaunchResult;
import dev.buildman.executor.SeenWorker;
import dev.buildman.executor.StopResult;
import dev.buildman.executor.WorkerRef;
import dev.buildman.executor.WorkerRequest;
import dev.buildman.metrics.Metrics;
import dev.buildman.model.AttemptId;
import dev.buildman.model.Installation;
import dev.buildman.model.JobRef;
import dev.buildman.model.Secret;
import dev.buildman.orchestrator.Limits;
import dev.buildman.runtime.Threads;
import dev.buildman.runtime.Ticker;
import dev.buildman.token.Grant;
import dev.buildman.token.Tokens;
import io.github.resilience4j.timelimiter.TimeLimiter;
import io.github.resilience4j.timelimiter.TimeLimiterConfig;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes launch calls: with a token of their own, and an answer within a time limit. */
public final class Launcher {
  private static final Logger log = LoggerFactory.getLogger(Launcher.class);

  // The launch must be recorded before the intent's deadline.
  private static final Duration FOR_THE_RECORD = Duration.ofSeconds(5);

  // The token is an outer bound, the job's deadline the true one: so the clock of the manager that
  // the agent comes to may be ahead of ours by this, and by the leeway of its check.
  private static final Duration CLOCK_MARGIN = Duration.ofMinutes(10);

  private final Installation installation;
  private final Tokens tokens;
  private final Map<String, String> environment;
  private final Supplier<Limits> limits;
  private final Ticker ticker;
  private final Metrics metrics;
  private final Map<ExecutionName, Call> leftBehind = new ConcurrentHashMap<>();

  /**
   * @param environment what all workers of this manager get: {@code SERVER}, {@code
   *     REGISTRY_HOSTNAME}, {@code RECONNECT_WINDOW}... and no secret
   */
  public Launcher(
      Installation installation,
      Tokens tokens,
      Map<String, String> environment,
      Supplier<Limits> limits,
      Ticker ticker,
      Metrics metrics) {
    this.installation = installation;
    this.tokens = tokens;
    this.environment = Map.copyOf(environment);
    this.limits = limits;
    this.ticker = ticker;
    this.metrics = metrics;
  }

  /**
   * An attempt that is about to get its intent.
   *
   * @param begun reading of the ticker before the intent was asked for: the launch has to be
   *     recorded {@code JOB_REGISTRATION_TIMEOUT} after the intent
   */
  record Prepared(JobRef job, ExecutionName name, long begun) {}

  Prepared prepare(JobRef job) {
    ExecutionName name = ExecutionName.of(installation, job.attempt(), job.nonce());
    return new Prepared(job, name, ticker.nanos());
  }

  /** Prepares the attempt that follows in the same claim. */
  Prepared prepareNext(JobRef job) {
    AttemptId attempt = new AttemptId(job.build(), job.attempt().number() + 1);
    return prepare(new JobRef(attempt, job.nonce()));
  }

  /**
   * Makes the launch call of an attempt, once; what it starts after its time limit is stopped when
   * the attempt has ended, as {@link #settle} tells. Makes none when the time is over already, as
   * after a manager was stopped or Redis away.
   *
   * @param interrupted as of {@link WorkerRequest}
   */
  LaunchResult launch(ChainLink link, Prepared attempt, boolean interrupted)
      throws InterruptedException {
    Limits.Times times = limits.get().times();
    Duration left = launchLimit(times.jobRegistration()).minus(ticker.since(attempt.begun()));
    if (!left.isPositive()) {
      return new LaunchResult.SurelyNothing(
          FailureClass.NO_CAPACITY, "this manager was held up before the launch");
    }
    Call call = new Call(link, request(link, attempt, times, interrupted), leftBehind);
    long begun = ticker.nanos();
    LaunchResult result = call.await(left);
    metrics.launch(link.name().value(), outcome(result), ticker.since(begun));
    return result;
  }

  /**
   * Says what became of an attempt whose launch had no answer.
   *
   * @param ended false: its agent has registered, so a worker that the call reports later is the
   *     one that works
   * @param answer told when the call of an attempt that ended is answered after all, with the
   *     worker that it started
   */
  void settle(Prepared attempt, boolean ended, Consumer<Optional<ExecutionId>> answer) {
    Call call = leftBehind.remove(attempt.name());
    if (call != null) {
      call.settled.complete(new Settled(ended, answer));
    }
  }

  private record Settled(boolean ended, Consumer<Optional<ExecutionId>> answer) {}

  private static Duration launchLimit(Duration jobRegistration) {
    Duration usual = jobRegistration.minus(FOR_THE_RECORD);
    Duration half = jobRegistration.dividedBy(2);
    return usual.compareTo(half) > 0 ? usual : half;
  }

  /** The handle of a worker whose launch call had no answer; empty when it is not in sight. */
  Optional<ExecutionId> find(ChainLink link, Prepared attempt) {
    return link.executor().list() instanceof Inventory.Listed(List<SeenWorker> workers)
        ? workers.stream()
            .map(SeenWorker::ref)
            .filter(worker -> worker.name().equals(attempt.name()))
            .findFirst()
            .flatMap(WorkerRef::id)
        : Optional.empty();
  }

  /** Stops a worker that was just started for an attempt that has ended. */
  void stop(ChainLink link, Prepared attempt, ExecutionId id, String why) {
    StopResult stopped = link.executor().stop(WorkerRef.of(attempt.name(), id));
    log.warn(
        "worker stopped, its attempt has ended: attempt={}, executor={}, why={}, stop={}",
        attempt.job().attempt(),
        link.name(),
        why,
        stopped);
  }

  private WorkerRequest request(
      ChainLink link, Prepared attempt, Limits.Times times, boolean interrupted) {
    JobRef job = attempt.job();
    Map<String, String> all = new LinkedHashMap<>(environment);
    all.put("BUILD_UUID", job.build().value());
    // From the intent to the recorded launch, and from there to the registration.
    Duration life = times.jobRegistration().plus(link.settings().setupTime());
    String token = tokens.mint(new Grant.Registration(job, link.name()), life.plus(CLOCK_MARGIN));
    return new WorkerRequest(
        job.attempt(),
        attempt.name(),
        installation,
        Secret.of(token),
        all,
        link.maxLifetime(times.machineMax()),
        interrupted);
  }

  private static String outcome(LaunchResult result) {
    return switch (result) {
      case LaunchResult.Started _ -> "started";
      case LaunchResult.SurelyNothing _ -> "nothing";
      case LaunchResult.Unknown _ -> "unknown";
    };
  }

  /** One call on a thread of its own, so that it can be left behind. */
  private static final class Call {
    private final ChainLink link;
    private final WorkerRequest request;
    private final Map<ExecutionName, Call> leftBehind;
    private final FutureTask<LaunchResult> task;
    private final CompletableFuture<Settled> settled = new CompletableFuture<>();
    private volatile boolean left;

    Call(ChainLink link, WorkerRequest request, Map<ExecutionName, Call> leftBehind) {
      this.link = link;
      this.request = request;
      this.leftBehind = leftBehind;
      this.task = new FutureTask<>(this::call);
    }

    LaunchResult await(Duration limit) throws InterruptedException {
      Threads.start("launch-" + request.name(), task);
      try {
        return limiter(limit).executeFutureSupplier(() -> task);
      } catch (TimeoutException | CancellationException e) {
        leftBehind.put(request.name(), this);
        leave();
        return new LaunchResult.Unknown("did not answer within " + limit.toSeconds() + " s");
      } catch (InterruptedException e) {
        // This manager ends: nobody will settle it.
        settled.complete(new Settled(true, _ -> {}));
        leave();
        throw e;
      } catch (Exception | Error e) {
        log.error("launch call failed: executor={}", link.name(), e);
        return new LaunchResult.Unknown("the launch call failed: " + e);
      }
    }

    /** It does not cancel: what is left behind must be known for it before it is interrupted. */
    private TimeLimiter limiter(Duration limit) {
      return TimeLimiter.of(
          link.name().value(),
          TimeLimiterConfig.custom().timeoutDuration(limit).cancelRunningFuture(false).build());
    }

    private void leave() {
      left = true;
      task.cancel(true);
    }

    private LaunchResult call() {
      LaunchResult result = new LaunchResult.Unknown("the launch call failed");
      try {
        result = link.executor().start(request);
        return result;
      } finally {
        if (left) {
          late(result);
        }
      }
    }

    private void late(LaunchResult result) {
      // Being left behind came with an interrupt, which would keep the rest from its work.
      boolean interrupted = Thread.interrupted();
      Settled attempt = settled.join();
      if (!attempt.ended()) {
        log.info("launch was answered late, its agent is at work: name={}", request.name());
        return;
      }
      switch (result) {
        case LaunchResult.Started(ExecutionId id) -> {
          undo(WorkerRef.of(request.name(), id), result, interrupted);
          attempt.answer().accept(Optional.of(id));
        }
        case LaunchResult.SurelyNothing _ -> attempt.answer().accept(Optional.empty());
        case LaunchResult.Unknown _ -> undo(WorkerRef.of(request.name()), result, interrupted);
      }
    }

    /** The attempt's duty looks for the worker too. */
    private void undo(WorkerRef worker, LaunchResult result, boolean interrupted) {
      StopResult stopped = link.executor().stop(worker);
      log.warn(
          "launch came too late: name={}, interrupted={}, launch={}, stop={}",
          request.name(),
          interrupted,
          result,
          stopped);
    }
  }
}
