package dev.buildman.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogJson;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentLinesTest {
  private static final int MAX_LINE = 100;
  private final AgentLines lines = new AgentLines(MAX_LINE, () -> Instant.EPOCH);

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"stream\":\"before\\n\",\"progressDetail\":{}}|before\\n",
        "{\"status\":\"Pulling fs layer\",\"id\":\"f4\",\"progressDetail\":{}}|Pulling fs layer",
        "{\"stream\":\"s\",\"status\":\"t\",\"error\":\"e\"}|e",
        "{\"stream\":\"s\",\"status\":\"t\"}|t",
        "{\"progressDetail\":{\"current\":1,\"total\":[2]}}|''",
        "{\"stream\":\"\\u001b[91moops\\r\"}|\\033[91moops\\r",
        "{\"stream\":12}|''",
      })
  void theTextOfQuaysWorkerIsTakenOut(String message, String expected) {
    assertThat(AgentLines.text(message)).isEqualTo(unescaped(expected));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain text", "{ not json", "{\"stream\":\"cut o", "", "[1]", "{}{}"})
  void whatIsNoJsonIsTextAsItStands(String message) {
    assertThat(AgentLines.text(message)).isEqualTo(message.equals("{}{}") ? "" : message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Step 4/13 : RUN x",
        "Step 1 : FROM y",
        "STEP 4/13: RUN x\n",
        "STEP 3/4: RUN echo before; echo oops >&2; exit 3\n"
      })
  void theHeadOfAStepIsACommand(String text) {
    assertThat(entry(text).type()).isEqualTo(LogEntry.Type.COMMAND);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Step a :", " ---> Running in 3b", "Stepping 1 :", "\n", "Successfully built"})
  void anythingElseIsOutput(String text) {
    assertThat(entry(text).type()).isEqualTo(LogEntry.Type.LINE);
  }

  @Test
  void aLineThatIsTooLongIsCutAndTheCutIsMarked() {
    assertThat(entry("x".repeat(130) + "\n").message())
        .isEqualTo("x".repeat(MAX_LINE) + "… [31 bytes of this line were cut]\n");
  }

  @Test
  void aMessageOfManyLinesIsMeasuredLineByLine() {
    String many = ("y".repeat(90) + "\n").repeat(50);

    assertThat(entry(many).message()).isEqualTo(many);
    assertThat(entry(many + "z".repeat(101)).message())
        .startsWith(many)
        .endsWith("z".repeat(MAX_LINE) + "… [1 bytes of this line were cut]");
  }

  @Test
  void aCharacterIsNotCutInTwo() {
    String message = entry("é".repeat(60) + "😀".repeat(30)).message();

    assertThat(message).startsWith("é".repeat(50) + "… [").doesNotContain("\uFFFD");
    assertThat(entry("a" + "é".repeat(60)).message()).startsWith("a" + "é".repeat(49) + "… [");
    assertThat("é".repeat(50).getBytes(StandardCharsets.UTF_8)).hasSize(MAX_LINE);
  }

  private LogEntry entry(String text) {
    String quoted = LogJson.write(new LogEntry(text, LogEntry.Type.LINE, java.util.Map.of()));
    return LogJson.read(
        lines.entries(List.of(quoted.replaceFirst("\"message\"", "\"stream\""))).getFirst());
  }

  private static String unescaped(String text) {
    return text.translateEscapes();
  }
}
