package dev.buildman.buildlogs.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.SessionRef;
import dev.buildman.redis.ScriptRunner;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RedisTest
class LogAppendIT {
  private final BuildId build = BuildId.random();
  private ScriptRunner runner;
  private LogAppend log;
  private LogRead read;

  @BeforeEach
  void setUp(TestRedis redis) {
    runner = redis.connections().scripts("log");
    log = new LogAppend(runner, LogLimits.DEFAULT);
    read = new LogRead(runner);
  }

  private SessionRef session(int number) {
    return session(number, 1);
  }

  private SessionRef session(int number, long claim) {
    Nonce nonce = Nonce.of(new ManagerId("manager"), claim, new byte[16]);
    return new SessionRef(new AttemptId(build, 1), number, nonce);
  }

  private Appended append(SessionRef session, long last, String... lines) {
    return log.append(session, last, List.of(lines)).toCompletableFuture().join();
  }

  private List<String> lines() {
    return read.read(build, 0, 1000).entries();
  }

  @Test
  void linesAreStoredOnceAndInOrderHoweverOftenTheyAreSent() {
    SessionRef session = session(1);
    assertThat(log.raise(session)).isTrue();
    assertThat(append(session, 1, "a")).isEqualTo(new Appended.Stored(1, 1));
    assertThat(append(session, 3, "b", "c")).isEqualTo(new Appended.Stored(3, 3));
    assertThat(append(session, 3, "b", "c")).isEqualTo(new Appended.Stored(3, 3));
    assertThat(append(session, 1, "a")).isEqualTo(new Appended.Stored(3, 3));
    assertThat(append(session, 5, "c", "d", "e")).isEqualTo(new Appended.Stored(5, 5));
    assertThat(lines()).containsExactly("a", "b", "c", "d", "e");
  }

  @Test
  void aLaterSessionFencesTheEarlierOneAndCountsAnew() {
    log.raise(session(1));
    append(session(1), 7, "old");
    assertThat(log.raise(session(2))).isTrue();
    assertThat(append(session(1), 8, "late")).isEqualTo(new Appended.Fenced());
    assertThat(append(session(2), 1, "new")).isEqualTo(new Appended.Stored(1, 2));
    assertThat(log.raise(session(1))).isFalse();
    assertThat(lines()).containsExactly("old", "new");
  }

  @Test
  void raisingASessionAgainKeepsItsSequence() {
    log.raise(session(1));
    append(session(1), 4, "line");
    assertThat(log.raise(session(1))).isTrue();
    assertThat(append(session(1), 4, "line")).isEqualTo(new Appended.Stored(4, 1));
  }

  /** D17: the same session number of another claim, after a failover that lost writes. */
  @Test
  void aSessionOfAnotherClaimWithTheSameNumberIsFenced() {
    log.raise(session(1, 1));
    log.raise(session(1, 2));
    assertThat(append(session(1, 1), 1, "old")).isEqualTo(new Appended.Fenced());
    assertThat(append(session(1, 2), 1, "new")).isEqualTo(new Appended.Stored(1, 1));
  }

  @Test
  void aClosedLogTakesNoMore() {
    log.raise(session(1));
    append(session(1), 1, "a");
    assertThat(read.read(build, 0, 10).closed()).isFalse();
    log.close(build);
    log.close(build);
    assertThat(append(session(1), 2, "b")).isEqualTo(new Appended.Closed());
    assertThat(log.note(build, List.of("n")).toCompletableFuture().join())
        .isEqualTo(new Appended.Closed());
    assertThat(lines()).containsExactly("a");
    assertThat(read.read(build, 0, 10).closed()).isTrue();
  }

  @Test
  void theManagersOwnLinesHaveNoSequence() {
    log.raise(session(1));
    append(session(1), 1, "a");
    log.note(build, List.of("marker")).toCompletableFuture().join();
    append(session(1), 2, "b");
    assertThat(lines()).containsExactly("a", "marker", "b");
  }

  @Test
  void ofALongLogTheFirstAndTheLastHalfStayAndTheCutIsKnown() {
    LogAppend small = new LogAppend(runner, new LogLimits(10, 1 << 20));
    SessionRef session = session(1);
    small.raise(session);
    for (int i = 1; i <= 100; i += 4) {
      List<String> batch = IntStream.range(i, i + 4).mapToObj(n -> "line " + n).toList();
      assertThat(small.append(session, i + 3, batch).toCompletableFuture().join())
          .isEqualTo(new Appended.Stored(i + 3, i + 3));
    }
    List<String> seen = new ArrayList<>();
    LogRead.LogPage page = read.read(build, 0, 3);
    long cut = 0;
    while (!page.entries().isEmpty()) {
      seen.addAll(page.entries());
      cut += page.cut();
      page = read.read(build, page.first() + page.entries().size(), 3);
    }
    assertThat(seen)
        .containsExactly(
            "line 1",
            "line 2",
            "line 3",
            "line 4",
            "line 5",
            "line 96",
            "line 97",
            "line 98",
            "line 99",
            "line 100");
    assertThat(cut).isEqualTo(90);
    assertThat(page.length()).isEqualTo(100);
  }

  @Test
  void bytesAreBoundedToo() {
    LogAppend small = new LogAppend(runner, new LogLimits(1000, 1000));
    SessionRef session = session(1);
    small.raise(session);
    for (int i = 1; i <= 50; i++) {
      small.append(session, i, List.of("x".repeat(100))).toCompletableFuture().join();
    }
    assertThat(lines()).hasSize(5);
    assertThat(read.read(build, 5, 1000).entries()).hasSize(5);
  }

  @Test
  void aDeletedLogIsGoneWithAllItsKeys(TestRedis redis) {
    log.raise(session(1));
    append(session(1), 1, "a");
    log.delete(build);
    LogKeys.of(build).forEach(key -> assertThat(redis.raw().exists(key)).isZero());
  }
}
