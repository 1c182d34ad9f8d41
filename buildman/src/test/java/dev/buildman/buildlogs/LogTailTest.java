package dev.buildman.buildlogs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LogTailTest {
  private static final BuildId BUILD = BuildId.random();
  private static final Duration LONG = Duration.ofHours(1);

  private final List<LogEntry> stored = new CopyOnWriteArrayList<>();
  private final LogHints hints = new LogHints();
  private final BuildLogs logs =
      (build, from, max) -> {
        int start = (int) Math.min(from, stored.size());
        int end = Math.min(start + max, stored.size());
        return new LogPage(from, stored.subList(start, end), stored.size(), 0, LogPage.State.OPEN);
      };

  @Test
  void aReaderGetsEveryEntryOnceFromItsPlaceOn() {
    for (int i = 0; i < 250; i++) {
      store("line " + i);
    }
    try (LogTail tail = new LogTail(logs, hints, BUILD, 30)) {
      assertThat(tail.read().entries()).hasSize(100).startsWith(entry("line 30"));
      assertThat(tail.read().entries()).hasSize(100);
      assertThat(tail.read().entries()).hasSize(20).endsWith(entry("line 249"));
      assertThat(tail.read().entries()).isEmpty();
      store("late");
      assertThat(tail.read().entries()).containsExactly(entry("late"));
    }
  }

  @Test
  void aHintEndsTheWaitBeforeItsTime() throws Exception {
    try (LogTail tail = new LogTail(logs, hints, BUILD, 0)) {
      Thread writer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    store("new");
                    hints.grown(BUILD);
                  });

      LogPage page = tail.await(LONG);
      writer.join();
      assertThat(page.entries()).containsExactly(entry("new"));
    }
  }

  @Test
  void withoutAHintItLooksAgainAfterItsPatience() throws Exception {
    BuildLogs second = new SecondLook();
    try (LogTail tail = new LogTail(second, hints, BUILD, 0)) {
      assertThat(tail.await(Duration.ofMillis(1)).entries()).containsExactly(entry("there"));
    }
  }

  @Test
  void nothingIsKeptOfAReaderThatWent() {
    try (LogTail one = new LogTail(logs, hints, BUILD, 0);
        LogTail other = new LogTail(logs, hints, BUILD, 0)) {
      assertThat(one.read().entries()).isEmpty();
      assertThat(other.read().entries()).isEmpty();
      assertThat(hints.followed()).isEqualTo(1);
    }
    assertThat(hints.followed()).isZero();
    hints.grown(BUILD);
  }

  private void store(String message) {
    stored.add(entry(message));
  }

  private static LogEntry entry(String message) {
    return new LogEntry(message, LogEntry.Type.LINE, Map.of());
  }

  /** Empty when it is looked at first. */
  private static final class SecondLook implements BuildLogs {
    private int looks;

    @Override
    public LogPage read(BuildId build, long from, int max) {
      looks++;
      return looks == 1
          ? new LogPage(from, List.of(), 0, 0, LogPage.State.OPEN)
          : new LogPage(from, List.of(entry("there")), 1, 0, LogPage.State.OPEN);
    }
  }
}
