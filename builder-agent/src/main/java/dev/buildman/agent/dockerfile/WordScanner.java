package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Goes once through a text and takes off quotes and escapes; substitutions are {@link
 * Substitution}'s.
 */
final class WordScanner {

  private final String text;
  private final int line;
  private final char escape;
  private final Substitution substitution;
  private final List<String> words = new ArrayList<>();
  private final StringBuilder part = new StringBuilder();
  private boolean splitting;
  private boolean quoted;
  private int at;

  WordScanner(String text, int line, char escape, Function<String, @Nullable String> variables) {
    this.text = text;
    this.line = line;
    this.escape = escape;
    this.substitution = new Substitution(this, variables);
  }

  String rest() throws DockerfileException {
    return read((char) 0, false);
  }

  List<String> words() throws DockerfileException {
    splitting = true;
    part.append(read((char) 0, false));
    finishWord();
    return List.copyOf(words);
  }

  String withoutQuotes() throws DockerfileException {
    StringBuilder out = new StringBuilder();
    while (more()) {
      char c = take();
      if (c == '$') {
        out.append(substitution.read());
      } else if (c == escape && more() && (peek() == '$' || peek() == escape)) {
        out.append(take());
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  /** Reads up to the stop character, which is taken too. */
  String until(char stop, boolean keepEscapes) throws DockerfileException {
    boolean outer = splitting;
    splitting = false;
    String word = read(stop, keepEscapes);
    splitting = outer;
    return word;
  }

  private String read(char stop, boolean keepEscapes) throws DockerfileException {
    StringBuilder out = new StringBuilder();
    while (more()) {
      char c = take();
      if (stop != 0 && c == stop) {
        return out.toString();
      }
      switch (c) {
        case '\'' -> out.append(single());
        case '"' -> out.append(doubleQuoted());
        case '$' -> append(out, substitution.read());
        default -> {
          if (c != escape) {
            append(out, String.valueOf(c));
          } else if (more()) {
            out.append(keepEscapes ? String.valueOf(c) : "").append(take());
          }
        }
      }
    }
    if (stop != 0) {
      throw failure("the text ends before the matching " + stop + ".");
    }
    return out.toString();
  }

  private void append(StringBuilder out, String value) {
    if (!splitting) {
      out.append(value);
      return;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isWhitespace(c)) {
        part.append(out);
        out.setLength(0);
        finishWord();
      } else {
        out.append(c);
      }
    }
  }

  private void finishWord() {
    if (!part.isEmpty() || quoted) {
      words.add(part.toString());
    }
    part.setLength(0);
    quoted = false;
  }

  private String single() throws DockerfileException {
    quoted = true;
    int end = text.indexOf('\'', at);
    if (end < 0) {
      throw failure("a single quote is not closed.");
    }
    String inside = text.substring(at, end);
    at = end + 1;
    return inside;
  }

  private String doubleQuoted() throws DockerfileException {
    quoted = true;
    StringBuilder out = new StringBuilder();
    while (more()) {
      char c = take();
      if (c == '"') {
        return out.toString();
      }
      if (c == '$') {
        out.append(substitution.read());
      } else if (c == escape && more() && (peek() == '"' || peek() == '$' || peek() == escape)) {
        out.append(take());
      } else {
        out.append(c);
      }
    }
    throw failure("a double quote is not closed.");
  }

  boolean more() {
    return at < text.length();
  }

  char peek() {
    return text.charAt(at);
  }

  char take() {
    return text.charAt(at++);
  }

  DockerfileException failure(String problem) {
    return new DockerfileException(line, problem);
  }
}
