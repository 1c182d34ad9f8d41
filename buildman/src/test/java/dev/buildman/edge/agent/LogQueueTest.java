package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LogQueueTest {
  private final LogQueue queue = new LogQueue();

  @Test
  void oneBatchIsOnItsWayAndWhatFollowsIsJoined() {
    LogQueue.Batch first = queue.add(message(1, "a"));
    assertThat(first.lines()).containsExactly("a");
    assertThat(queue.add(message(3, "b", "c"))).isNull();
    assertThat(queue.add(message(4, "d"))).isNull();

    queue.done(first);
    LogQueue.Batch joined = queue.next();
    assertThat(joined.last()).isEqualTo(4);
    assertThat(joined.lines()).containsExactly("b", "c", "d");
    assertThat(joined.messages()).extracting(LogQueue.Message::last).containsExactly(3, 4);
  }

  @Test
  void aGapOrAnotherSessionBeginsANewBatch() {
    LogQueue.Batch first = queue.add(message(1, "a"));
    queue.add(message(5, "gap"));
    queue.add(new LogQueue.Message(Grants.job(9), 6, List.of("other"), 10, true));
    queue.done(first);

    assertThat(queue.next().lines()).containsExactly("gap");
    assertThat(queue.next().lines()).containsExactly("other");
    assertThat(queue.next()).isNull();
  }

  @Test
  void aHugeMessageIsDividedAndAnsweredOnce() {
    int lines = AgentLimits.LOG_BATCH_LINES * 2 + 7;
    List<String> texts = IntStream.rangeClosed(1, lines).mapToObj(i -> "line " + i).toList();

    List<LogQueue.Batch> batches = new ArrayList<>();
    for (LogQueue.Batch batch =
            queue.add(new LogQueue.Message(Grants.job(1), lines, texts, 10, true));
        batch != null;
        batch = queue.next()) {
      batches.add(batch);
      queue.done(batch);
    }

    assertThat(batches)
        .extracting(LogQueue.Batch::last)
        .containsExactly(AgentLimits.LOG_BATCH_LINES, 2 * AgentLimits.LOG_BATCH_LINES, lines);
    assertThat(batches.stream().flatMap(batch -> batch.lines().stream()))
        .containsExactlyElementsOf(texts);
    assertThat(batches.stream().flatMap(batch -> batch.messages().stream()))
        .filteredOn(LogQueue.Message::answered)
        .singleElement()
        .extracting(LogQueue.Message::last)
        .isEqualTo(lines);
  }

  @Test
  void readingPausesWhileTooMuchWaitsAndGoesOnAfterwards() {
    LogQueue.Batch first =
        queue.add(
            new LogQueue.Message(
                Grants.job(1), 1, List.of("a"), AgentLimits.LOG_WAITING_BYTES, true));
    assertThat(queue.mayRead()).isFalse();
    assertThat(queue.done(first)).as("goes on once").isTrue();
    assertThat(queue.mayRead()).isTrue();

    queue.next();
    LogQueue.Batch second = queue.add(message(2, "b"));
    assertThat(queue.mayRead()).isTrue();
    assertThat(queue.done(second)).as("nothing was paused").isFalse();
  }

  @Test
  void itIsFinishedWhenTheLastAnswerIsGiven() {
    LogQueue.Batch first = queue.add(message(1, "a"));
    queue.add(message(2, "b"));
    queue.close();
    assertThat(queue.isFinished()).isFalse();
    queue.done(first);
    LogQueue.Batch second = queue.next();
    assertThat(queue.isFinished()).isFalse();
    queue.done(second);
    assertThat(queue.next()).isNull();
    assertThat(queue.isFinished()).isTrue();
  }

  @Test
  void aMessageWithoutALineIsAnsweredToo() {
    assertThat(queue.add(message(3)).messages()).hasSize(1);
  }

  private static LogQueue.Message message(int last, String... lines) {
    return new LogQueue.Message(Grants.job(1), last, List.of(lines), 10, true);
  }
}
