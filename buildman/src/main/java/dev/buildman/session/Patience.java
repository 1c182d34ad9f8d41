package dev.buildman.session;

import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.Later;
import dev.buildman.runtime.Sleeper;
import dev.buildman.runtime.Ticker;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Holds agents while Redis is away: a command is repeated until it is answered, as an outage is no
 * verdict. Thread-safe.
 */
public final class Patience {
  /** Below the 10 s that agents give a call, so that they hear what is the matter. */
  public static final Duration HOLD = Duration.ofSeconds(8);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

  /** With 10,000 agents held, ten refusals of the driver in each millisecond. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final Ticker ticker;
  private final Later later;
  private final Sleeper sleeper;

  public Patience(Ticker ticker, Later later, Sleeper sleeper) {
    this.ticker = ticker;
    this.later = later;
    this.sleeper = sleeper;
  }

  /** Of this machine's clock. */
  public static Patience system() {
    return new Patience(Ticker.system(), Later.system(), Sleeper.system());
  }

  /**
   * Runs a command, again while Redis is away.
   *
   * @param command the same each time, so that a repeat is known for one
   * @throws StoreAway after {@link #HOLD}
   */
  <T> T hold(Supplier<T> command) {
    long start = ticker.nanos();
    for (int tries = 0; ; tries++) {
      try {
        return command.get();
      } catch (RedisUnavailable e) {
        if (ticker.since(start).compareTo(HOLD) >= 0) {
          throw new StoreAway(e);
        }
        pause(tries, e);
      }
    }
  }

  private void pause(int tries, RedisUnavailable cause) {
    try {
      sleeper.sleep(pauseAfter(tries));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreAway(cause);
    }
  }

  /**
   * As {@link #hold}, without a thread that waits.
   *
   * @param forever whether to go on beyond {@link #HOLD}
   * @param gone whether nobody waits for the answer any more
   * @return fails with {@link StoreAway}
   */
  <T> CompletionStage<T> holdAsync(
      Supplier<CompletionStage<T>> command, boolean forever, BooleanSupplier gone) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    new Held<>(command, forever, gone, answer, ticker.nanos()).run();
    return answer;
  }

  private static Duration pauseAfter(int tries) {
    return tries == 0 ? FIRST_PAUSE : PAUSE;
  }

  /** One command that is being repeated. Runs on one thread at a time. */
  private final class Held<T> implements Runnable {
    private final Supplier<CompletionStage<T>> command;
    private final boolean forever;
    private final BooleanSupplier gone;
    private final CompletableFuture<T> answer;
    private final long start;
    private int tries;

    Held(
        Supplier<CompletionStage<T>> command,
        boolean forever,
        BooleanSupplier gone,
        CompletableFuture<T> answer,
        long start) {
      this.command = command;
      this.forever = forever;
      this.gone = gone;
      this.answer = answer;
      this.start = start;
    }

    @Override
    public void run() {
      try {
        command.get().whenComplete(this::answered);
      } catch (RuntimeException e) {
        failed(e);
      }
    }

    private void answered(T value, Throwable failure) {
      if (failure == null) {
        answer.complete(value);
      } else {
        failed(
            failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure);
      }
    }

    private void failed(Throwable cause) {
      if (!(cause instanceof RedisUnavailable)) {
        answer.completeExceptionally(cause);
      } else if (gone.getAsBoolean() || (!forever && ticker.since(start).compareTo(HOLD) >= 0)) {
        answer.completeExceptionally(new StoreAway(cause));
      } else {
        later.run(pauseAfter(tries++), this);
      }
    }
  }
}
