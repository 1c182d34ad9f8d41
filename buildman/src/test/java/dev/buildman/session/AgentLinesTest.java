package dev.buildman.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogJson;
import java.time.Instant;
import java.util.Arrays;
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
  void aLineThatIsTooLongIsDividedAndNothingOfItIsLost() {
    String text = "x".repeat(230) + "\n";

    assertThat(messages(text))
        .containsExactly("x".repeat(100), "x".repeat(100), "x".repeat(30) + "\n");
  }

  @Test
  void aMessageOfManyLinesIsDividedBehindALine() {
    String line = "y".repeat(29) + "\n";

    assertThat(messages(line.repeat(7))).containsExactly(line.repeat(3), line.repeat(3), line);
    assertThat(messages(line + "z".repeat(101))).containsExactly(line, "z".repeat(100), "z");
  }

  @Test
  void aCharacterIsNotDivided() {
    assertThat(messages("é".repeat(60))).containsExactly("é".repeat(50), "é".repeat(10));
    assertThat(messages("a" + "é".repeat(60)))
        .containsExactly("a" + "é".repeat(49), "é".repeat(11));
    assertThat(messages("😀".repeat(30))).containsExactly("😀".repeat(25), "😀".repeat(5));
  }

  @Test
  void onlyTheFirstPartOfALongStepIsItsHead() {
    assertThat(entries("STEP 1/2: RUN " + "x".repeat(150)))
        .extracting(LogEntry::type)
        .containsExactly(LogEntry.Type.COMMAND, LogEntry.Type.LINE);
  }

  private List<String> messages(String text) {
    return entries(text).stream().map(LogEntry::message).toList();
  }

  private LogEntry entry(String text) {
    return entries(text).getFirst();
  }

  private List<LogEntry> entries(String text) {
    String quoted = LogJson.write(new LogEntry(text, LogEntry.Type.LINE, java.util.Map.of()));
    String stored =
        lines.entries(List.of(quoted.replaceFirst("\"message\"", "\"stream\""))).getFirst();
    return Arrays.stream(stored.split("\u001e", -1)).map(LogJson::read).toList();
  }

  private static String unescaped(String text) {
    return text.translateEscapes();
  }
}
