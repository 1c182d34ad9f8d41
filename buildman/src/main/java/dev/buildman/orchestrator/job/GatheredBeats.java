package dev.buildman.orchestrator.job;

import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends heartbeats to Redis; those that come while others are on their way go together afterwards.
 * So a beat that comes alone waits for nothing, and the more come the less each costs. Thread-safe,
 * never blocks.
 */
public final class GatheredBeats {
  /** In one script: it takes some 10 µs for each, and holds everybody else up meanwhile. */
  static final int MOST_TOGETHER = 100;

  private final Function<List<Heartbeat.Beat>, CompletionStage<List<Optional<Result<Done>>>>>
      script;
  private final Queue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean underWay = new AtomicBoolean();

  /**
   * @param script {@link Heartbeat#runAsync}
   */
  public GatheredBeats(
      Function<List<Heartbeat.Beat>, CompletionStage<List<Optional<Result<Done>>>>> script) {
    this.script = script;
  }

  private record Waiting(Heartbeat.Beat beat, CompletableFuture<Result<Done>> answer) {}

  /**
   * As {@link Heartbeat#run}; completes on the connection's event loop, and fails when the script
   * that it went with has no answer.
   */
  public CompletionStage<Result<Done>> beat(SessionRef session, Usage usage) {
    Waiting beat = new Waiting(new Heartbeat.Beat(session, usage), new CompletableFuture<>());
    waiting.add(beat);
    sendWaiting();
    return beat.answer();
  }

  /** Whoever adds a beat, or ends a script, comes by here afterwards: none is left behind. */
  private void sendWaiting() {
    while (!waiting.isEmpty() && underWay.compareAndSet(false, true)) {
      List<Waiting> together = take();
      if (together.isEmpty()) {
        underWay.set(false);
      } else {
        send(together);
      }
    }
  }

  private List<Waiting> take() {
    List<Waiting> together = new ArrayList<>();
    while (together.size() < MOST_TOGETHER) {
      Waiting beat = waiting.poll();
      if (beat == null) {
        return together;
      }
      together.add(beat);
    }
    return together;
  }

  private void send(List<Waiting> together) {
    run(together.stream().map(Waiting::beat).toList())
        .whenComplete(
            (answers, failure) -> {
              underWay.set(false);
              // First the next script, so that Redis works while these are answered.
              sendWaiting();
              answer(together, answers, failure);
            });
  }

  // A connection that takes no more commands throws: without an answer no beat would ever go again.
  private CompletionStage<List<Optional<Result<Done>>>> run(List<Heartbeat.Beat> together) {
    try {
      return script.apply(together);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static void answer(
      List<Waiting> together,
      @Nullable List<Optional<Result<Done>>> answers,
      @Nullable Throwable failure) {
    for (int i = 0; i < together.size(); i++) {
      CompletableFuture<Result<Done>> answer = together.get(i).answer();
      if (answers == null) {
        answer.completeExceptionally(
            failure == null ? new IllegalStateException("no answer") : failure);
      } else {
        answers
            .get(i)
            .ifPresentOrElse(
                answer::complete, () -> answer.completeExceptionally(Heartbeat.broken()));
      }
    }
  }
}
