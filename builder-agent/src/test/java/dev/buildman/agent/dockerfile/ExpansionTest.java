package dev.buildman.agent.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpansionTest {

  private static final Map<String, String> VARIABLES =
      Map.of(
          "HOME",
          "/root",
          "EMPTY",
          "",
          "V",
          "1.2.3",
          "FILE",
          "a/b/c.tar.gz",
          "_x1",
          "under",
          "TWO",
          "one two",
          "Q",
          "'");

  private final Expansion expansion = new Expansion('\\', VARIABLES::get);

  @ParameterizedTest(name = "{0} becomes {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "plain | plain",
        "$HOME | /root",
        "${HOME}/bin | /root/bin",
        "$HOME2 | ``",
        "$_x1 | under",
        "x$UNSET.y | x.y",
        "$V.4 | 1.2.3.4",
        "a$ | a$",
        "a$/b | a$/b",
        "$1x | x",
        // alternatives
        "${UNSET:-d} | d",
        "${EMPTY:-d} | d",
        "${EMPTY-d} | ``",
        "${UNSET-d} | d",
        "${V:-d} | 1.2.3",
        "${UNSET:+d} | ``",
        "${EMPTY:+d} | ``",
        "${EMPTY+d} | d",
        "${V:+d} | d",
        "${UNSET:-$HOME} | /root",
        "${UNSET:-${OTHER:-deep}} | deep",
        "${UNSET:-a b} | a b",
        "${UNSET:-} | ``",
        "${V:?must} | 1.2.3",
        "${V?} | 1.2.3",
        // patterns
        "${FILE#*/} | b/c.tar.gz",
        "${FILE##*/} | c.tar.gz",
        "${FILE%.*} | a/b/c.tar",
        "${FILE%%.*} | a/b/c",
        "${FILE#x} | a/b/c.tar.gz",
        "${FILE%?} | a/b/c.tar.g",
        "${FILE/\\//-} | a-b/c.tar.gz",
        "${FILE//\\//-} | a-b-c.tar.gz",
        "${V//./_} | 1_2_3",
        "${V/.*/} | 1",
        // quotes and escapes
        "\"$HOME\" | /root",
        "'$HOME' | $HOME",
        "\\$HOME | $HOME",
        "\"\\$HOME\" | $HOME",
        "\"a\\b\" | a\\b",
        "\"a\\\"b\" | a\"b",
        "a\\ b | a b",
        "\\a | a",
        "'a'\"b\"c | abc",
        "\"$Q\" | '",
        "a\\ | a",
      })
  void replacesVariablesAndQuotes(String text, String expected) throws DockerfileException {
    assertThat(expansion.word(text, 1)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "${",
        "${}",
        "${V",
        "${V:",
        "${V:=x}",
        "${V@}",
        "'open",
        "\"open",
        "${UNSET:?}",
        "${EMPTY:?}",
        "${UNSET?}",
        "${V/a"
      })
  void refusesWhatIsNoSubstitutionAndNamesTheLine(String text) {
    assertThatThrownBy(() -> expansion.word(text, 7))
        .isInstanceOf(DockerfileException.class)
        .hasMessageStartingWith("Dockerfile line 7: ");
  }

  @Test
  void saysTheMessageOfADemandedVariable() {
    assertThatThrownBy(() -> expansion.word("${TOKEN:?give it with --build-arg}", 3))
        .hasMessageContaining("TOKEN must be set: give it with --build-arg");
  }

  @Test
  void keepsBlanksOfAValueInAWordAndSplitsThemIntoWords() throws DockerfileException {
    assertThat(expansion.word("$TWO", 1)).isEqualTo("one two");
    assertThat(expansion.words("80 $TWO \"$TWO\" 'a b' c\\ d", 1))
        .containsExactly("80", "one", "two", "one two", "a b", "c d");
    assertThat(expansion.words("  $UNSET  ", 1)).isEmpty();
  }

  @Test
  void usesTheEscapeCharacterOfTheFile() throws DockerfileException {
    Expansion windows = new Expansion('`', VARIABLES::get);
    assertThat(windows.word("c:\\dir`$HOME\\$V", 1)).isEqualTo("c:\\dir$HOME\\1.2.3");
  }

  @Test
  void replacesVariablesInHereDocumentsAndKeepsTheirQuotes() throws DockerfileException {
    assertThat(expansion.text("a=\"$V\" '$V' \\$V \\n\n", 1))
        .isEqualTo("a=\"1.2.3\" '1.2.3' $V \\n\n");
  }
}
