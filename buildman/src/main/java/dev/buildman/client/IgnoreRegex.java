package dev.buildman.client;

import java.util.regex.PatternSyntaxException;

/** A pattern of a {@code .dockerignore} as a regular expression of the same meaning. */
final class IgnoreRegex {
  private final String glob;
  private final StringBuilder regex = new StringBuilder();
  private int at;

  private IgnoreRegex(String glob) {
    this.glob = glob;
  }

  /** Throws {@link PatternSyntaxException}. */
  static String of(String glob) {
    IgnoreRegex reader = new IgnoreRegex(glob);
    while (reader.at < glob.length()) {
      reader.read();
    }
    return reader.regex.toString();
  }

  private void read() {
    char c = glob.charAt(at++);
    switch (c) {
      case '*' -> stars();
      case '?' -> regex.append("[^/]");
      case '[' -> characters();
      case '\\' -> literal(next());
      default -> literal(c);
    }
  }

  private char next() {
    if (at == glob.length()) {
      throw new PatternSyntaxException("it ends too early", glob, at);
    }
    return glob.charAt(at++);
  }

  private void literal(char c) {
    if (Character.isLetterOrDigit(c) || Character.isSurrogate(c)) {
      regex.append(c);
    } else {
      regex.append("\\x{").append(Integer.toHexString(c)).append('}');
    }
  }

  private boolean follows(char c) {
    return at < glob.length() && glob.charAt(at) == c;
  }

  private void stars() {
    boolean first = at == 1;
    if (!follows('*')) {
      regex.append("[^/]*");
      return;
    }
    at++;
    if (follows('/')) {
      at++;
    } else if (first && glob.substring(at).chars().noneMatch(c -> "*?[]\\".indexOf(c) >= 0)) {
      // As Docker has it, "**.go" is every name that ends so, though "a/**.go" is not.
      regex.append(".*");
      return;
    }
    regex.append(at == glob.length() ? ".*" : "(?:.*/)?");
  }

  private void characters() {
    regex.append('[');
    if (follows('^')) {
      at++;
      regex.append('^');
    }
    boolean any = false;
    while (!any || !follows(']')) {
      character();
      if (follows('-')) {
        at++;
        regex.append('-');
        character();
      }
      any = true;
    }
    at++;
    regex.append(']');
  }

  private void character() {
    char c = next();
    if (c == '-' || c == ']') {
      throw new PatternSyntaxException("'" + c + "' needs a backslash", glob, at);
    }
    literal(c == '\\' ? next() : c);
  }
}
