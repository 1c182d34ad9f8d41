package dev.buildman.agent.logship;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.runtime.ManualTime;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TerminalTextTest {
  private final ManualTime time = new ManualTime();

  private String shown(String... pieces) {
    TerminalText text = new TerminalText(time);
    StringBuilder shown = new StringBuilder();
    for (String piece : pieces) {
      shown.append(text.feed(piece));
    }
    return shown + text.end();
  }

  @Test
  void coloursStayAndWhatMovesTheCursorGoes() {
    assertThat(shown("\u001b[1;31mred\u001b[0m \u001b[2K\u001b[1Aup \u001b[?25lhidden\n"))
        .isEqualTo("\u001b[1;31mred\u001b[0m up hidden\n");
  }

  @Test
  void titlesAndOtherStringsForTheTerminalGo() {
    assertThat(shown("a\u001b]0;title\u0007b\u001b]8;;http://x\u001b\\c\u001b(Bd"))
        .startsWith("abc");
  }

  @Test
  void ofALineThatIsOverwrittenTheLastStateStays() {
    assertThat(shown("start\r10%\r50%\r100%\ndone\n")).isEqualTo("start\r10%\r100%\ndone\n");
  }

  @Test
  void anOverwrittenLineIsShownOnceASecond() {
    TerminalText text = new TerminalText(time);
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < 30; i++) {
      shown.append(text.feed("\rat " + i));
      time.advance(Duration.ofMillis(100));
    }
    shown.append(text.feed("\n"));

    assertThat(shown.toString()).isEqualTo("\rat 0\rat 10\rat 20\rat 29\n");
  }

  @Test
  void windowsLineEndsAreLineEnds() {
    assertThat(shown("one\r", "\ntwo\r\n")).isEqualTo("one\ntwo\n");
  }

  @Test
  void bytesOfNoTextBecomeOneSign() {
    assertThat(shown("ELF\u0000\u0001\u0002\uFFFD\uFFFDend\uD83D tail \uDE00\n"))
        .isEqualTo("ELF\uFFFDend\uFFFD tail \uFFFD\n");
  }

  @Test
  void aPairThatIsCutInTwoIsWhole() {
    assertThat(shown("x\uD83D", "\uDE00y")).isEqualTo("x\uD83D\uDE00y");
  }

  @ParameterizedTest
  @CsvSource({"'\u001b[12345', '\n'", "'\u001b]never ends', '\n'", "'\u001b', '\n'"})
  void anUnfinishedSequenceHidesNoLaterLine(String beginning, String lineEnd) {
    assertThat(shown(beginning + lineEnd + "next\n")).endsWith("\nnext\n");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void theCutIntoPiecesChangesNothing(long seed) {
    Random random = new Random(seed);
    String alphabet = "ab\r\n\u001b[m;1]\u0007\u0000\uD83D\uDE00";
    for (int round = 0; round < 500; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(40); i >= 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      String whole = shown(text.toString());
      String[] pieces = text.toString().split("", -1);

      assertThat(shown(pieces)).as("seed=%s round=%s text=%s", seed, round, text).isEqualTo(whole);
    }
  }
}
