package dev.buildman.orchestrator.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.SessionRef;
import dev.buildman.model.Usage;
import dev.buildman.orchestrator.Done;
import dev.buildman.orchestrator.Refusal;
import dev.buildman.orchestrator.Result;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GatheredBeatsTest {
  private static final Result<Done> ALIVE = new Result.Applied<>(Done.DONE);

  private final List<Sent> scripts = new ArrayList<>();
  private final GatheredBeats beats = new GatheredBeats(this::script);

  private record Sent(
      List<SessionRef> sessions, CompletableFuture<List<Optional<Result<Done>>>> answer) {
    void answerAll() {
      answer.complete(sessions.stream().map(_ -> Optional.of(ALIVE)).toList());
    }
  }

  private CompletionStage<List<Optional<Result<Done>>>> script(List<Heartbeat.Beat> together) {
    Sent sent =
        new Sent(
            together.stream().map(Heartbeat.Beat::session).toList(), new CompletableFuture<>());
    scripts.add(sent);
    return sent.answer();
  }

  private static SessionRef session() {
    return new SessionRef(
        new AttemptId(BuildId.random(), 1), 1, Nonce.of(new ManagerId("m"), 1, new byte[16]));
  }

  @Test
  void aBeatAloneGoesAtOnce() {
    SessionRef session = session();
    CompletionStage<Result<Done>> answer = beats.beat(session, Usage.UNKNOWN);
    assertThat(scripts).hasSize(1);
    assertThat(scripts.getFirst().sessions()).containsExactly(session);
    scripts.getFirst().answerAll();
    assertThat(answer.toCompletableFuture()).isCompletedWithValue(ALIVE);
  }

  @Test
  void thoseThatComeMeanwhileGoTogetherAndEachGetsItsOwnAnswer() {
    beats.beat(session(), Usage.UNKNOWN);
    SessionRef good = session();
    SessionRef fenced = session();
    CompletionStage<Result<Done>> goodAnswer = beats.beat(good, Usage.UNKNOWN);
    CompletionStage<Result<Done>> fencedAnswer = beats.beat(fenced, Usage.UNKNOWN);
    assertThat(scripts).hasSize(1);

    scripts.getFirst().answerAll();
    assertThat(scripts).hasSize(2);
    assertThat(scripts.getLast().sessions()).containsExactly(good, fenced);
    Result<Done> over = new Result.Refused<>(Refusal.FENCED, "CANCELLED");
    scripts.getLast().answer().complete(List.of(Optional.of(ALIVE), Optional.of(over)));
    assertThat(goodAnswer.toCompletableFuture()).isCompletedWithValue(ALIVE);
    assertThat(fencedAnswer.toCompletableFuture()).isCompletedWithValue(over);
  }

  @Test
  void aScriptWithoutAnAnswerFailsItsBeatsAndHoldsUpNoOthers() {
    CompletionStage<Result<Done>> lost = beats.beat(session(), Usage.UNKNOWN);
    CompletionStage<Result<Done>> later = beats.beat(session(), Usage.UNKNOWN);
    scripts.getFirst().answer().completeExceptionally(new IllegalStateException("away"));
    assertThat(lost.toCompletableFuture()).isCompletedExceptionally();
    scripts.getLast().answerAll();
    assertThat(later.toCompletableFuture()).isCompletedWithValue(ALIVE);
  }

  @Test
  void aScriptThatCannotBeSentFailsItsBeatsAndHoldsUpNoOthers() {
    GatheredBeats full =
        new GatheredBeats(
            together -> {
              if (scripts.isEmpty()) {
                scripts.add(new Sent(List.of(), new CompletableFuture<>()));
                throw new IllegalStateException("the queue is full");
              }
              return CompletableFuture.completedFuture(
                  together.stream().map(_ -> Optional.of(ALIVE)).toList());
            });

    assertThat(full.beat(session(), Usage.UNKNOWN).toCompletableFuture())
        .isCompletedExceptionally();
    assertThat(full.beat(session(), Usage.UNKNOWN).toCompletableFuture())
        .isCompletedWithValue(ALIVE);
  }

  @Test
  void aScriptIsNeverLongerThanOthersMayWait() {
    int count = 1 + 2 * GatheredBeats.MOST_TOGETHER + 1;
    IntStream.range(0, count).forEach(_ -> beats.beat(session(), Usage.UNKNOWN));
    for (int i = 0; i < scripts.size(); i++) {
      scripts.get(i).answerAll();
    }
    assertThat(scripts)
        .extracting(sent -> sent.sessions().size())
        .containsExactly(1, GatheredBeats.MOST_TOGETHER, GatheredBeats.MOST_TOGETHER, 1);
  }

  @Test
  void noBeatOfManyThreadsIsLeftBehind() throws InterruptedException {
    int threads = 8;
    int each = 2_000;
    CountDownLatch answered = new CountDownLatch(threads * each);
    GatheredBeats racing =
        new GatheredBeats(
            sessions ->
                CompletableFuture.supplyAsync(
                    () -> sessions.stream().map(_ -> Optional.of(ALIVE)).toList()));
    try (ExecutorService senders = Executors.newFixedThreadPool(threads)) {
      for (int t = 0; t < threads; t++) {
        senders.execute(
            () -> {
              for (int i = 0; i < each; i++) {
                racing.beat(session(), Usage.UNKNOWN).thenRun(answered::countDown);
              }
            });
      }
      assertThat(answered.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
