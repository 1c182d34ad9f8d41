package dev.buildman.schedule;

import dev.buildman.executor.Breaker;
import dev.buildman.model.ExecutorName;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guards one executor: after some failures in a row it gets no launch for a while, then one to see
 * whether it works again; and launches follow each other no faster than allowed. For use by any
 * thread.
 */
final class Circuit {
  private static final Logger log = LoggerFactory.getLogger(Circuit.class);
  // A claim has 30 s until its intent; a build that would wait for longer gives its place back.
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

  // Where nothing was launched since, what was in the way then may long be gone.
  private static final Duration TOLD_FOR = Duration.ofMinutes(10);

  private static final Duration LONGEST_LAUNCH = Duration.ofSeconds(60);

  private final CircuitBreaker breaker;
  private final Optional<RateLimiter> limiter;
  private final Ticker ticker;
  private final Sleeper sleeper;
  private volatile Trouble trouble = Trouble.NONE;

  /**
   * Why a launch came to nothing.
   *
   * @param since by the ticker
   */
  private record Trouble(String sentence, long since) {
    static final Trouble NONE = new Trouble("", 0);
  }

  Circuit(ExecutorName executor, Breaker settings, Ticker ticker, Sleeper sleeper) {
    this.ticker = ticker;
    this.sleeper = sleeper;
    this.breaker =
        CircuitBreaker.of(
            executor.value(),
            CircuitBreakerConfig.custom()
                .slidingWindowType(SlidingWindowType.COUNT_BASED)
                .slidingWindowSize(settings.failures())
                .minimumNumberOfCalls(settings.failures())
                .failureRateThreshold(100)
                .permittedNumberOfCallsInHalfOpenState(1)
                .waitDurationInOpenState(settings.openFor())
                // Should the one launch never come back, the circuit opens again and asks anew.
                .maxWaitDurationInHalfOpenState(settings.openFor().plus(LONGEST_LAUNCH))
                .build());
    this.breaker
        .getEventPublisher()
        .onStateTransition(
            change ->
                log.warn(
                    "circuit changed: executor={}, from={}, to={}",
                    executor,
                    change.getStateTransition().getFromState(),
                    change.getStateTransition().getToState()));
    this.limiter =
        settings.launchesPerSecond().isEmpty()
            ? Optional.empty()
            : Optional.of(limiter(executor, settings.launchesPerSecond().getAsDouble()));
  }

  private static RateLimiter limiter(ExecutorName executor, double perSecond) {
    int burst = Math.max(1, (int) Math.ceil(perSecond));
    return RateLimiter.of(
        executor.value(),
        RateLimiterConfig.custom()
            .limitForPeriod(burst)
            .limitRefreshPeriod(Duration.ofNanos(Math.round(burst * 1e9 / perSecond)))
            .timeoutDuration(LONGEST_WAIT)
            .build());
  }

  /** Whether a launch would be allowed now; takes nothing. */
  boolean isClosed() {
    boolean closed = breaker.tryAcquirePermission();
    if (closed) {
      breaker.releasePermission();
    }
    return closed;
  }

  /**
   * Takes the right to one launch, waiting for the launch rate if it must. Who has it must tell how
   * the launch went, or {@link #release} it.
   *
   * @return why not; empty: go on
   */
  Optional<Skip> acquire(ExecutorName executor) throws InterruptedException {
    if (!breaker.tryAcquirePermission()) {
      return Optional.of(open(executor));
    }
    if (limiter.isPresent()) {
      long nanos = limiter.get().reservePermission();
      if (nanos < 0) {
        breaker.releasePermission();
        return Optional.of(new Skip(executor, Skip.Cause.RATE, "starts no more workers right now"));
      }
      sleeper.sleep(Duration.ofNanos(nanos));
    }
    return Optional.empty();
  }

  Skip open(ExecutorName executor) {
    return new Skip(executor, Skip.Cause.CIRCUIT, "failed too often and is left alone for a while");
  }

  /** No launch was made after all. */
  void release() {
    breaker.releasePermission();
  }

  /** The executor did its work, whatever came of it. */
  void worked() {
    trouble = Trouble.NONE;
    breaker.onSuccess(0, TimeUnit.NANOSECONDS);
  }

  void failed(String sentence) {
    trouble = new Trouble(sentence, ticker.nanos());
    breaker.onError(0, TimeUnit.NANOSECONDS, new LaunchFailed(sentence));
  }

  /**
   * Why the last launch came to nothing, else what launches wait for; empty: it did not, or so long
   * ago that it says nothing of now, and none waits.
   */
  String trouble() {
    Trouble last = trouble;
    boolean tells =
        !last.sentence().isEmpty() && ticker.since(last.since()).compareTo(TOLD_FOR) < 0;
    return tells ? last.sentence() : limiter.map(Circuit::held).orElse("");
  }

  private static String held(RateLimiter limiter) {
    // Launches that have a turn to come have taken it in advance.
    int waiting = -limiter.getMetrics().getAvailablePermissions();
    RateLimiterConfig rate = limiter.getRateLimiterConfig();
    return waiting <= 0
        ? ""
        : "LAUNCH_RATE lets %d start in %d ms: %d launches wait for their turn."
            .formatted(rate.getLimitForPeriod(), rate.getLimitRefreshPeriod().toMillis(), waiting);
  }

  /** The word for people and metrics: {@code closed}, {@code open}, {@code half_open}. */
  String state() {
    return breaker.getState().name().toLowerCase(java.util.Locale.ROOT);
  }

  /** Never thrown: what the breaker wants to be told of. */
  private static final class LaunchFailed extends Exception {
    private static final long serialVersionUID = 1L;

    LaunchFailed(String message) {
      super(message, null, false, false);
    }
  }
}
