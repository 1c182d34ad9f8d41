package dev.buildman.agent.dockerfile;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What follows a dollar sign. */
final class Substitution {

  private static final String SPECIAL = "@*#?-$!0";

  private final WordScanner in;
  private final Function<String, @Nullable String> variables;

  Substitution(WordScanner in, Function<String, @Nullable String> variables) {
    this.in = in;
    this.variables = variables;
  }

  /** Reads the rest of a substitution whose dollar sign was taken; a lone one stands for itself. */
  String read() throws DockerfileException {
    if (!in.more() || in.peek() != '{') {
      String name = name();
      return name.isEmpty() ? "$" : value(name);
    }
    in.take();
    String name = name();
    if (name.isEmpty() || !in.more()) {
      throw in.failure("a substitution ${...} has no name or no closing brace.");
    }
    char operator = in.take();
    return switch (operator) {
      case '}' -> value(name);
      case ':' -> {
        if (!in.more()) {
          throw in.failure("${" + name + ": has no closing brace.");
        }
        yield alternative(name, in.take(), true);
      }
      case '-', '+', '?' -> alternative(name, operator, false);
      case '#', '%' -> trimmed(name, operator);
      case '/' -> replaced(name);
      default ->
          throw in.failure(
              "${"
                  + name
                  + operator
                  + "...} is no substitution; known are - + ? (each also after a colon), # ## % %%"
                  + " / //.");
    };
  }

  private String alternative(String name, char operator, boolean emptyIsUnset)
      throws DockerfileException {
    String word = in.until('}', false);
    String found = variables.apply(name);
    String value = found != null && emptyIsUnset && found.isEmpty() ? null : found;
    return switch (operator) {
      case '-' -> value == null ? word : value;
      case '+' -> value == null ? "" : word;
      case '?' -> {
        if (value == null) {
          throw in.failure(
              "the variable " + name + " must be set" + (word.isEmpty() ? "." : ": " + word));
        }
        yield value;
      }
      default ->
          throw in.failure(
              "${"
                  + name
                  + ":"
                  + operator
                  + "...} is no substitution; after the colon stands -, + or ?.");
    };
  }

  private String trimmed(String name, char side) throws DockerfileException {
    String pattern = in.until('}', true);
    boolean longest = !pattern.isEmpty() && pattern.charAt(0) == side;
    ShellPattern glob = new ShellPattern(longest ? pattern.substring(1) : pattern);
    return side == '#'
        ? glob.withoutPrefix(value(name), longest)
        : glob.withoutSuffix(value(name), longest);
  }

  private String replaced(String name) throws DockerfileException {
    boolean all = in.more() && in.peek() == '/';
    if (all) {
      in.take();
    }
    ShellPattern glob = new ShellPattern(in.until('/', true));
    return glob.replace(value(name), in.until('}', false), all);
  }

  private String value(String name) {
    String value = variables.apply(name);
    return value == null ? "" : value;
  }

  private String name() {
    if (in.more() && SPECIAL.indexOf(in.peek()) >= 0) {
      return String.valueOf(in.take());
    }
    StringBuilder name = new StringBuilder();
    boolean digits = in.more() && isDigit(in.peek());
    while (in.more() && (digits ? isDigit(in.peek()) : isNamePart(in.peek()))) {
      name.append(in.take());
    }
    return name.toString();
  }

  private static boolean isNamePart(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || isDigit(c);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
