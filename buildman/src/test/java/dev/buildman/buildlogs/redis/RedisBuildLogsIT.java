package dev.buildman.buildlogs.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogHints;
import dev.buildman.buildlogs.LogJson;
import dev.buildman.buildlogs.LogPage;
import dev.buildman.buildlogs.LogTail;
import dev.buildman.buildlogs.LogWriter.Appended;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Phase;
import dev.buildman.model.SessionRef;
import dev.buildman.redis.ScriptRunner;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class RedisBuildLogsIT {
  private static final int MAX_LINES = 20;

  private final BuildId build = BuildId.random();
  private TestRedis redis;
  private LogAppend append;
  private RedisBuildLogs logs;

  @BeforeEach
  void open(TestRedis given) {
    redis = given;
    ScriptRunner runner = redis.connections().scripts("logs");
    append = new LogAppend(runner, new LogLimits(MAX_LINES, 1 << 20));
    logs = new RedisBuildLogs(append, new LogRead(runner));
  }

  @Test
  void entriesLieUnderQuaysKeyInQuaysForm() {
    logs.raise(session(1));
    store(session(1), 1, "Step 1/2 : FROM x");
    logs.note(build, LogEntry.phase(Phase.PULLING, Instant.EPOCH, Map.of()))
        .toCompletableFuture()
        .join();

    assertThat(redis.raw().lrange("builds/" + build + "/logs", 0, -1))
        .containsExactly(
            "{\"message\":\"Step 1/2 : FROM x\"}",
            "{\"message\":\"pulling\",\"type\":\"phase\","
                + "\"data\":{\"datetime\":\"1970-01-01T00:00:00Z\"}}");
  }

  @Test
  void ofALongLogTheFirstAndTheLastHalfStayAndTheCutIsShown() {
    logs.raise(session(1));
    store(session(1), 50, IntStream.rangeClosed(1, 50).mapToObj(i -> "line " + i).toList());

    List<String> shown = new ArrayList<>();
    try (LogTail tail = new LogTail(logs, new LogHints(), build, 0)) {
      for (LogPage page = tail.read(); !page.entries().isEmpty(); page = tail.read()) {
        page.shown().forEach(entry -> shown.add(entry.message().strip()));
      }
    }
    assertThat(shown).hasSize(MAX_LINES + 1).startsWith("line 1").endsWith("line 50");
    assertThat(shown.get(MAX_LINES / 2))
        .isEqualTo("[30 lines were cut out here: the log is longer than its limit]");
    assertThat(logs.read(build, 0, 1).length()).isEqualTo(50);
  }

  @Test
  void aReaderBeginsWhereItWantsTo() {
    logs.raise(session(1));
    store(session(1), 10, IntStream.rangeClosed(1, 10).mapToObj(i -> "line " + i).toList());

    LogPage page = logs.read(build, 7, 2);
    assertThat(page.entries()).extracting(LogEntry::message).containsExactly("line 8", "line 9");
    assertThat(page.next()).isEqualTo(9);
    assertThat(logs.read(build, 99, 5).entries()).isEmpty();
    assertThat(logs.read(BuildId.random(), 0, 5).length()).isZero();
  }

  @Test
  void anEarlierSessionAddsNothingOnceALaterOneWasRaised() {
    assertThat(logs.raise(session(1))).isTrue();
    assertThat(logs.raise(session(2))).isTrue();

    assertThat(logs.raise(session(1))).isFalse();
    assertThat(append(session(1), 1, List.of("late"))).isEqualTo(new Appended.Fenced());
    assertThat(store(session(2), 1, "mine")).isEqualTo(new Appended.Stored(1));
  }

  @Test
  void aClosedLogTakesNothingAndSaysSo() {
    logs.raise(session(1));
    store(session(1), 1, "last");
    assertThat(logs.read(build, 0, 5).state()).isEqualTo(LogPage.State.OPEN);
    append.close(build);

    assertThat(append(session(1), 2, List.of("more"))).isEqualTo(new Appended.Closed());
    assertThat(logs.read(build, 0, 5).state()).isEqualTo(LogPage.State.CLOSED);
  }

  @Test
  void aFinishedSessionsLogSaysSoUntilThereIsALaterSession() {
    logs.raise(session(1));
    assertThat(logs.finish(session(1)).toCompletableFuture().join())
        .isInstanceOf(Appended.Stored.class);
    assertThat(logs.read(build, 0, 5).state()).isEqualTo(LogPage.State.FINISHED);

    logs.raise(session(2));
    assertThat(logs.read(build, 0, 5).state()).isEqualTo(LogPage.State.OPEN);
    assertThat(logs.finish(session(1)).toCompletableFuture().join())
        .isEqualTo(new Appended.Fenced());
    assertThat(logs.read(build, 0, 5).state()).isEqualTo(LogPage.State.OPEN);
  }

  @Test
  void oneLineMayBeSeveralEntriesAndKeepsOneNumber() {
    logs.raise(session(1));
    LogEntry first = new LogEntry("first", LogEntry.Type.COMMAND, Map.of());
    LogEntry second = new LogEntry("second", LogEntry.Type.LINE, Map.of());
    String both = LogJson.join(List.of(first, second));

    assertThat(append(session(1), 1, List.of(both))).isEqualTo(new Appended.Stored(1));
    assertThat(append(session(1), 1, List.of(both))).isEqualTo(new Appended.Stored(1));
    assertThat(store(session(1), 2, "third")).isEqualTo(new Appended.Stored(2));
    assertThat(logs.read(build, 0, 5).entries())
        .containsExactly(first, second, new LogEntry("third", LogEntry.Type.LINE, Map.of()));
  }

  private Appended store(SessionRef session, long last, String line) {
    return store(session, last, List.of(line));
  }

  private Appended store(SessionRef session, long last, List<String> lines) {
    return append(
        session,
        last,
        lines.stream()
            .map(line -> LogJson.write(new LogEntry(line, LogEntry.Type.LINE, Map.of())))
            .toList());
  }

  private Appended append(SessionRef session, long last, List<String> entries) {
    return logs.append(session, last, entries).toCompletableFuture().join();
  }

  private SessionRef session(int number) {
    return new SessionRef(
        new AttemptId(build, 1), number, Nonce.of(new ManagerId("m"), 1, new byte[16]));
  }
}
