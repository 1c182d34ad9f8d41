package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** Splits the text of an instruction at blanks, leaving quotes and escapes for the expansion. */
final class Words {

  private final String text;
  private final char escape;
  private final List<String> words = new ArrayList<>();
  private final StringBuilder word = new StringBuilder();
  private boolean inWord;

  private Words(String text, char escape) {
    this.text = text;
    this.escape = escape;
  }

  /** Words as a shell would see them: blanks inside quotes or after an escape do not split. */
  static List<String> split(String text, char escape) {
    return new Words(text, escape).split();
  }

  /** Words split at every blank, as FROM, EXPOSE and the plain form of COPY do. */
  static List<String> atBlanks(String text) {
    return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
  }

  private List<String> split() {
    char quote = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quote == 0 && Character.isWhitespace(c)) {
        finish();
        continue;
      }
      inWord = true;
      if (c == escape && quote != '\'') {
        if (i + 1 < text.length()) {
          word.append(c).append(text.charAt(++i));
        }
        continue;
      }
      word.append(c);
      if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = 0;
      }
    }
    finish();
    return words;
  }

  private void finish() {
    if (inWord && !word.isEmpty()) {
      words.add(word.toString());
    }
    word.setLength(0);
    inWord = false;
  }
}
