package dev.buildman.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.redis.RedisUnavailable;
import dev.buildman.runtime.ManualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private final ManualTime time = ManualTime.atEpoch();
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private final Deque<Duration> pauses = new ArrayDeque<>();
  private final Patience patience =
      new Patience(
          time,
          (after, task) -> {
            pauses.add(after);
            waiting.add(task);
          },
          time);
  private final AtomicBoolean away = new AtomicBoolean(true);
  private final AtomicBoolean gone = new AtomicBoolean();
  private final AtomicInteger tries = new AtomicInteger();

  @Test
  void aCommandIsRepeatedUntilItIsAnswered() {
    String answer =
        patience.hold(
            () -> {
              if (tries.incrementAndGet() < 4) {
                throw new RedisUnavailable("away");
              }
              return "here";
            });

    assertThat(answer).isEqualTo("here");
    assertThat(time.slept()).hasSize(3);
  }

  @Test
  void afterEightSecondsTheAgentIsTold() {
    assertThatThrownBy(
            () ->
                patience.hold(
                    () -> {
                      throw new RedisUnavailable("away");
                    }))
        .isInstanceOf(StoreAway.class);
    Duration held = time.slept().stream().reduce(Duration.ZERO, Duration::plus);
    assertThat(held).isBetween(Duration.ofSeconds(8), Duration.ofSeconds(9));
  }

  @Test
  void anythingElseIsASurpriseAtOnce() {
    assertThatThrownBy(
            () ->
                patience.hold(
                    () -> {
                      throw new IllegalStateException("odd");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(time.slept()).isEmpty();
  }

  @Test
  void withoutAThreadThatWaitsItIsTheSame() {
    CompletionStage<String> answer = patience.holdAsync(this::command, false, gone::get);
    assertThat(waiting).hasSize(1);
    away.set(false);
    goOn();

    assertThat(answer.toCompletableFuture()).isCompletedWithValue("here");
  }

  @Test
  void ofOursOneIsHeldForEightSeconds() {
    CompletionStage<String> answer = patience.holdAsync(this::command, false, gone::get);
    while (!waiting.isEmpty()) {
      goOn();
    }

    assertThat(answer.toCompletableFuture())
        .isCompletedExceptionally()
        .failsWithin(Duration.ZERO)
        .withThrowableThat()
        .withCauseInstanceOf(StoreAway.class);
    assertThat(tries.get()).isBetween(8, 12);
  }

  @Test
  void quaysIsHeldForAsLongAsItWaits() {
    CompletionStage<String> answer = patience.holdAsync(this::command, true, gone::get);
    for (int i = 0; i < 1_000; i++) {
      goOn();
    }
    assertThat(answer.toCompletableFuture()).isNotDone();

    gone.set(true);
    goOn();
    assertThat(answer.toCompletableFuture()).isCompletedExceptionally();
    assertThat(waiting).isEmpty();
  }

  private CompletionStage<String> command() {
    tries.incrementAndGet();
    return away.get()
        ? CompletableFuture.<String>failedFuture(new RedisUnavailable("away")).thenApply(x -> x)
        : CompletableFuture.completedFuture("here");
  }

  private void goOn() {
    time.advance(pauses.remove());
    waiting.remove().run();
  }
}
