package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Replaces variables and removes quotes and escapes in the words of an instruction: {@code $a},
 * {@code ${a}}, and with a colon (unset or empty) or without (unset) {@code ${a:-b}}, {@code
 * ${a:+b}}, {@code ${a:?b}}; {@code ${a#p}}, {@code ${a##p}}, {@code ${a%p}}, {@code ${a%%p}},
 * {@code ${a/p/r}}, {@code ${a//p/r}} with the patterns of a shell. A variable that is not set is
 * empty.
 */
public final class Expansion {

  private final char escape;
  private final Function<String, @Nullable String> variables;

  /**
   * @param escape the file's escape character
   * @param variables the value of a variable, null when it is not set
   */
  public Expansion(char escape, Function<String, @Nullable String> variables) {
    this.escape = escape;
    this.variables = variables;
  }

  /**
   * The word after replacement; blanks in it are kept.
   *
   * @throws DockerfileException naming the line, when quotes or braces do not match or a demanded
   *     variable is not set
   */
  public String word(String word, int line) throws DockerfileException {
    Scan scan = new Scan(word, line);
    return scan.until((char) 0, false);
  }

  /** The words after replacement: unquoted blanks split, also those that a variable brought. */
  public List<String> words(String text, int line) throws DockerfileException {
    Scan scan = new Scan(text, line);
    scan.splitting = true;
    scan.part.append(scan.until((char) 0, false));
    scan.finishWord();
    return List.copyOf(scan.words);
  }

  /**
   * The text with variables replaced and everything else, quotes too, kept: the content of a
   * here-document.
   */
  public String text(String text, int line) throws DockerfileException {
    Scan scan = new Scan(text, line);
    StringBuilder out = new StringBuilder();
    while (scan.more()) {
      char c = scan.peek();
      if (c == '$') {
        out.append(scan.dollar());
      } else if (c == escape
          && scan.at + 1 < text.length()
          && (text.charAt(scan.at + 1) == '$' || text.charAt(scan.at + 1) == escape)) {
        scan.at++;
        out.append(scan.take());
      } else {
        out.append(scan.take());
      }
    }
    return out.toString();
  }

  private final class Scan {
    private final String text;
    private final int line;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder part = new StringBuilder();
    private boolean splitting;
    private boolean quoted;
    private int at;

    Scan(String text, int line) {
      this.text = text;
      this.line = line;
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

    /** Reads up to the stop character (0: the end), which is taken too. */
    String until(char stop, boolean keepEscapes) throws DockerfileException {
      boolean outermost = stop == 0 && splitting;
      StringBuilder out = new StringBuilder();
      while (more()) {
        char c = peek();
        if (stop != 0 && c == stop) {
          at++;
          return out.toString();
        }
        switch (c) {
          case '\'' -> out.append(single());
          case '"' -> out.append(doubleQuoted());
          case '$' -> append(out, dollar(), outermost);
          default -> {
            at++;
            if (c == escape && more()) {
              if (keepEscapes) {
                out.append(c);
              }
              out.append(take());
            } else if (c != escape) {
              append(out, String.valueOf(c), outermost);
            }
          }
        }
      }
      if (stop != 0) {
        throw failure("the text ends before the matching " + stop + ".");
      }
      return out.toString();
    }

    private void append(StringBuilder out, String value, boolean split) {
      if (!split) {
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

    void finishWord() {
      if (!part.isEmpty() || quoted) {
        words.add(part.toString());
      }
      part.setLength(0);
      quoted = false;
    }

    private String single() throws DockerfileException {
      at++;
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
      at++;
      quoted = true;
      StringBuilder out = new StringBuilder();
      while (more()) {
        char c = peek();
        if (c == '"') {
          at++;
          return out.toString();
        }
        if (c == '$') {
          out.append(dollar());
          continue;
        }
        at++;
        if (c == escape && more() && (peek() == '"' || peek() == '$' || peek() == escape)) {
          c = take();
        }
        out.append(c);
      }
      throw failure("a double quote is not closed.");
    }

    String dollar() throws DockerfileException {
      at++;
      if (!more() || peek() != '{') {
        String name = name();
        return name.isEmpty() ? "$" : value(name);
      }
      at++;
      String name = name();
      if (name.isEmpty() || !more()) {
        throw failure("a substitution ${...} has no name or no closing brace.");
      }
      char operator = take();
      return switch (operator) {
        case '}' -> value(name);
        case ':' -> {
          if (!more()) {
            throw failure("${" + name + ": has no closing brace.");
          }
          yield alternative(name, take(), true);
        }
        case '-', '+', '?' -> alternative(name, operator, false);
        case '#', '%' -> trimmed(name, operator);
        case '/' -> replaced(name);
        default ->
            throw failure(
                "${"
                    + name
                    + operator
                    + "...} is no substitution; known are - + ? (each also after a colon), # ## %"
                    + " %% / //.");
      };
    }

    private String alternative(String name, char operator, boolean emptyIsUnset)
        throws DockerfileException {
      String word = until('}', false);
      String value = variables.apply(name);
      boolean set = value != null && !(emptyIsUnset && value.isEmpty());
      return switch (operator) {
        case '-' -> set && value != null ? value : word;
        case '+' -> set ? word : "";
        case '?' -> {
          if (!set || value == null) {
            throw failure(
                "the variable " + name + " must be set" + (word.isEmpty() ? "." : ": " + word));
          }
          yield value;
        }
        default ->
            throw failure(
                "${"
                    + name
                    + ":"
                    + operator
                    + "...} is no substitution; after the colon stands -, + or ?.");
      };
    }

    private String trimmed(String name, char side) throws DockerfileException {
      String pattern = until('}', true);
      boolean longest = !pattern.isEmpty() && pattern.charAt(0) == side;
      ShellPattern glob = new ShellPattern(longest ? pattern.substring(1) : pattern);
      return side == '#'
          ? glob.withoutPrefix(value(name), longest)
          : glob.withoutSuffix(value(name), longest);
    }

    private String replaced(String name) throws DockerfileException {
      boolean all = more() && peek() == '/';
      if (all) {
        at++;
      }
      ShellPattern glob = new ShellPattern(until('/', true));
      String replacement = until('}', false);
      return glob.replace(value(name), replacement, all);
    }

    private String value(String name) {
      String value = variables.apply(name);
      return value == null ? "" : value;
    }

    private String name() {
      int start = at;
      if (more() && "@*#?-$!0".indexOf(peek()) >= 0) {
        at++;
        return text.substring(start, at);
      }
      boolean digits = more() && isDigit(peek());
      while (more() && (digits ? isDigit(peek()) : isNamePart(peek()))) {
        at++;
      }
      return text.substring(start, at);
    }

    private boolean isNamePart(char c) {
      return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c);
    }

    private boolean isDigit(char c) {
      return c >= '0' && c <= '9';
    }

    private DockerfileException failure(String problem) {
      return new DockerfileException(line, problem);
    }
  }
}
