package dev.buildman.agent.logship;

import java.util.BitSet;
import java.util.Collection;
import java.util.List;

/**
 * Words that may be broken into lines wherever a program likes, as {@code base64} breaks what it
 * writes after 76 characters. Of a word that a line end cuts off its first characters the rest is
 * found at the beginning of the next line, so nothing has to be kept back for so short a beginning.
 */
final class WrappedWords {
  /** Shorter words are not broken; nor is a line end believed in after fewer characters. */
  static final int SHORTEST = 12;

  private static final int LEAST_OF_A_LINE = 4;
  private static final int FAILED = -1;

  /** By two characters: whether a word, or what is looked for at a line's beginning, has them. */
  private final BitSet starts = new BitSet();

  private final List<String> words;
  private final int longest;

  WrappedWords(Collection<String> words) {
    this.words = words.stream().filter(word -> word.length() >= SHORTEST).toList();
    int most = 0;
    for (String word : this.words) {
      most = Math.max(most, word.length());
      for (int from = 0; from < LEAST_OF_A_LINE; from++) {
        starts.set(pair(word.charAt(from), word.charAt(from + 1)));
      }
    }
    // A break is two characters at most, after four others.
    this.longest = most + most / 2;
  }

  private static int pair(char one, char other) {
    return (one & 127) << 7 | (other & 127);
  }

  /** Marks what belongs to a word, line ends not. */
  void mark(CharSequence text, boolean atLine, BitSet hidden) {
    for (int at = 0; at + 1 < text.length(); at++) {
      if (starts.get(pair(text.charAt(at), text.charAt(at + 1)))) {
        for (String word : words) {
          for (int from = isLine(text, at, atLine) ? LEAST_OF_A_LINE - 1 : 0; from >= 0; from--) {
            hide(text, at, walk(text, at, word, from), hidden);
          }
        }
      }
    }
  }

  private static void hide(CharSequence text, int from, int to, BitSet hidden) {
    // To the end of the text is no whole word.
    for (int at = from; at < to && to <= text.length(); at++) {
      hidden.set(at, !isBreak(text.charAt(at)));
    }
  }

  /** How long the end of a text is that may be the beginning of a word with line ends in it. */
  int beginning(CharSequence text, boolean atLine) {
    if (words.isEmpty()) {
      return 0;
    }
    for (int at = Math.max(0, text.length() - longest); at < text.length(); at++) {
      boolean line = isLine(text, at, atLine);
      boolean alone = at + 1 == text.length();
      if (alone ? line : starts.get(pair(text.charAt(at), text.charAt(at + 1)))) {
        for (String word : words) {
          for (int from = line ? LEAST_OF_A_LINE - 1 : 0; from >= 0; from--) {
            if (walk(text, at, word, from) > text.length()) {
              return text.length() - at;
            }
          }
        }
      }
    }
    return 0;
  }

  private static boolean isLine(CharSequence text, int at, boolean atLine) {
    return at == 0 ? atLine : text.charAt(at - 1) == '\n';
  }

  /** Where the word ends that begins here; beyond the text when it ends before the word does. */
  private static int walk(CharSequence text, int at, String word, int from) {
    int next = from;
    int ofLine = 0;
    for (int i = at; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == word.charAt(next)) {
        next++;
        ofLine++;
        if (next == word.length()) {
          return i + 1;
        }
      } else if (isBreak(c) && (ofLine >= LEAST_OF_A_LINE || continues(text, i))) {
        ofLine = 0;
      } else {
        return FAILED;
      }
    }
    return text.length() + 1;
  }

  /** The line feed after a carriage return. */
  private static boolean continues(CharSequence text, int at) {
    return at > 0 && text.charAt(at) == '\n' && text.charAt(at - 1) == '\r';
  }

  private static boolean isBreak(char c) {
    return c == '\n' || c == '\r';
  }
}
