package dev.buildman.buildlogs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.Phase;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LogJsonTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

  @Test
  void aLineHasNoType() {
    assertThat(LogJson.write(LogEntry.line("hello\n", LogEntry.Type.LINE, AT)))
        .isEqualTo("{\"message\":\"hello\\n\",\"data\":{\"datetime\":\"2026-01-02T03:04:05Z\"}}");
  }

  @Test
  void aPhaseIsItsWord() {
    assertThat(LogJson.write(LogEntry.phase(Phase.BUILD_SCHEDULED, AT, Map.of())))
        .isEqualTo(
            "{\"message\":\"build-scheduled\",\"type\":\"phase\","
                + "\"data\":{\"datetime\":\"2026-01-02T03:04:05Z\"}}");
  }

  @Test
  void whatIsWrittenIsRead() {
    for (LogEntry.Type type : LogEntry.Type.values()) {
      for (String message :
          new String[] {
            "", "a \"quoted\" \\ line\r\n", "\u001b[91moops\u001b[0m", "\u0000\u2028é😀"
          }) {
        LogEntry entry = LogEntry.line(message, type, AT);
        assertThat(LogJson.read(LogJson.write(entry))).isEqualTo(entry);
      }
    }
  }

  @Test
  void anEntryOfQuaysIsReadWithWhatElseItHolds() {
    String quays =
        "{\"message\": \"pulling\", \"type\": \"phase\", \"data\": {\"datetime\": \"2020-10-26"
            + " 05:37:25\", \"base_image\": \"q/b\", \"n\": 4, \"deep\": {\"a\": [1]}, \"no\":"
            + " null}, \"more\": [{}]}";

    assertThat(LogJson.read(quays))
        .isEqualTo(
            new LogEntry(
                "pulling",
                LogEntry.Type.PHASE,
                Map.of(
                    "datetime", "2020-10-26 05:37:25",
                    "base_image", "q/b",
                    "n", "4",
                    "deep", "",
                    "no", "")));
  }

  @Test
  void whatIsNoEntryIsALineAsItStands() {
    for (String odd :
        new String[] {"", "plain text", "[1,2]", "{\"message\":", "12", "{\"a\" 1}"}) {
      assertThat(LogJson.read(odd)).isEqualTo(new LogEntry(odd, LogEntry.Type.LINE, Map.of()));
    }
  }
}
