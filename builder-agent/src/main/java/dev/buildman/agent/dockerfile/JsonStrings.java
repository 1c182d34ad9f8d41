package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the JSON form of an instruction: one array of strings and nothing else. */
final class JsonStrings {

  private static final Pattern LITERAL = Pattern.compile("-?[0-9][0-9.eE+-]*|true|false|null");

  private final String text;
  private int at;
  private boolean onlyStrings = true;

  private JsonStrings(String text) {
    this.text = text;
  }

  /**
   * The strings of the array; null when the text is no JSON array, which makes it the shell form.
   *
   * @throws DockerfileException when it is an array with something else than strings in it
   */
  static @Nullable List<String> read(String text, int line) throws DockerfileException {
    JsonStrings reader = new JsonStrings(text.strip());
    List<String> strings;
    try {
      strings = reader.array();
      reader.end();
    } catch (NotJson e) {
      return null;
    }
    if (!reader.onlyStrings) {
      throw new DockerfileException(
          line, "the JSON form holds only strings in double quotes, as in [\"a\", \"b\"].");
    }
    return strings;
  }

  private List<String> array() throws NotJson {
    List<String> strings = new ArrayList<>();
    expect('[');
    blanks();
    if (peek() == ']') {
      at++;
      return strings;
    }
    while (true) {
      blanks();
      element(strings);
      blanks();
      char c = take();
      if (c == ']') {
        return strings;
      }
      if (c != ',') {
        throw new NotJson();
      }
    }
  }

  private void element(List<String> strings) throws NotJson {
    if (peek() == '"') {
      strings.add(string());
      return;
    }
    // Only what is JSON to its end is refused: RUN [[ -f a ]] && b is a shell's own bracket.
    onlyStrings = false;
    if (peek() == '[') {
      array();
      return;
    }
    Matcher literal = LITERAL.matcher(text).region(at, text.length());
    if (!literal.lookingAt()) {
      throw new NotJson();
    }
    at = literal.end();
  }

  private void end() throws NotJson {
    blanks();
    if (at != text.length()) {
      throw new NotJson();
    }
  }

  private String string() throws NotJson {
    expect('"');
    StringBuilder value = new StringBuilder();
    while (true) {
      char c = take();
      if (c == '"') {
        return value.toString();
      }
      if (c < ' ') {
        throw new NotJson();
      }
      value.append(c == '\\' ? escaped() : c);
    }
  }

  private char escaped() throws NotJson {
    char c = take();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> unicode();
      default -> throw new NotJson();
    };
  }

  private char unicode() throws NotJson {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(take(), 16);
      if (digit < 0) {
        throw new NotJson();
      }
      value = value * 16 + digit;
    }
    return (char) value;
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private char peek() throws NotJson {
    if (at >= text.length()) {
      throw new NotJson();
    }
    return text.charAt(at);
  }

  private char take() throws NotJson {
    char c = peek();
    at++;
    return c;
  }

  private void expect(char wanted) throws NotJson {
    if (take() != wanted) {
      throw new NotJson();
    }
  }

  private static final class NotJson extends Exception {
    private static final long serialVersionUID = 1L;
  }
}
