package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pattern as a list of parts, matched in time that grows with its length times the path's,
 * whatever it says: patterns come from whoever wrote the source.
 */
final class Glob {

  /** What a part stands for. */
  private enum Kind {
    /** One character. */
    LITERAL,
    /** One character but a slash. */
    ONE,
    /** One character of a class. */
    CLASS,
    /** Any number of characters but slashes. */
    NAME,
    /** Any number of characters. */
    ANYTHING,
    /** Any number of whole names, each with its slash; takes the place of two parts. */
    FOLDERS,
    /** Within these names. */
    FOLDERS_BODY
  }

  private record Part(Kind kind, int character, @Nullable Classes ranges) {}

  /** A class in brackets: pairs of first and last character. */
  private record Classes(boolean negated, List<int[]> ranges) {
    boolean matches(int c) {
      boolean inside = ranges.stream().anyMatch(range -> range[0] <= c && c <= range[1]);
      return inside != negated;
    }
  }

  private final List<Part> parts = new ArrayList<>();
  private final String pattern;
  private final int line;
  private final boolean deep;
  private int at;

  private Glob(String pattern, boolean deep, int line) {
    this.pattern = pattern;
    this.deep = deep;
    this.line = line;
  }

  /**
   * Reads a pattern.
   *
   * @param deep whether two stars stand for any number of names, as in ignore files
   * @param line for the error
   */
  static Glob of(String pattern, boolean deep, int line) throws DockerfileException {
    Glob glob = new Glob(pattern, deep, line);
    while (glob.at < pattern.length()) {
      glob.read();
    }
    return glob;
  }

  private void read() throws DockerfileException {
    int c = next();
    switch (c) {
      case '*' -> stars();
      case '?' -> add(Kind.ONE, 0);
      case '[' -> parts.add(new Part(Kind.CLASS, 0, characters()));
      case '\\' -> {
        if (at == pattern.length()) {
          throw wrong("it ends with a backslash");
        }
        add(Kind.LITERAL, next());
      }
      default -> add(Kind.LITERAL, c);
    }
  }

  private int next() {
    int c = pattern.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  private void add(Kind kind, int character) {
    parts.add(new Part(kind, character, null));
  }

  private void stars() {
    if (!deep || !follows('*')) {
      add(Kind.NAME, 0);
      return;
    }
    boolean first = at == 1;
    at++;
    if (follows('/')) {
      at++;
    } else if (first && isPlain()) {
      // As Docker has it, "**.go" is every name that ends so, though "a/**.go" is not.
      add(Kind.ANYTHING, 0);
      return;
    }
    if (at == pattern.length()) {
      add(Kind.ANYTHING, 0);
    } else {
      add(Kind.FOLDERS, 0);
      add(Kind.FOLDERS_BODY, 0);
    }
  }

  private boolean follows(char c) {
    return at < pattern.length() && pattern.charAt(at) == c;
  }

  /** Whether the rest means itself. */
  private boolean isPlain() {
    return pattern.substring(at).chars().noneMatch(c -> "*?[]\\".indexOf(c) >= 0);
  }

  private Classes characters() throws DockerfileException {
    boolean negated = follows('^');
    if (negated) {
      at++;
    }
    List<int[]> ranges = new ArrayList<>();
    while (ranges.isEmpty() || !follows(']')) {
      int from = character();
      int to = from;
      if (follows('-')) {
        at++;
        to = character();
      }
      if (to < from) {
        throw wrong("a range in its brackets is the wrong way round");
      }
      ranges.add(new int[] {from, to});
    }
    at++;
    return new Classes(negated, ranges);
  }

  private int character() throws DockerfileException {
    if (at == pattern.length()) {
      throw wrong("its bracket is not closed");
    }
    int c = next();
    if (c == '-' || c == ']') {
      throw wrong("a '" + (char) c + "' in brackets needs a backslash before it");
    }
    if (c == '\\') {
      if (at == pattern.length()) {
        throw wrong("its bracket is not closed");
      }
      c = next();
    }
    return c;
  }

  private DockerfileException wrong(String why) {
    return new DockerfileException(line, "the pattern " + pattern + " is not valid: " + why + ".");
  }

  /** Whether the whole path fits. */
  boolean matches(String path) {
    boolean[] now = new boolean[parts.size() + 1];
    now[0] = true;
    skip(now);
    for (int i = 0; i < path.length(); ) {
      int c = path.codePointAt(i);
      i += Character.charCount(c);
      now = step(now, c);
      skip(now);
    }
    return now[parts.size()];
  }

  /** What may stand for nothing is passed over. */
  private void skip(boolean[] states) {
    for (int i = 0; i < parts.size(); i++) {
      if (states[i]) {
        switch (parts.get(i).kind()) {
          case NAME, ANYTHING -> states[i + 1] = true;
          case FOLDERS -> {
            states[i + 1] = true;
            states[i + 2] = true;
          }
          case LITERAL, ONE, CLASS, FOLDERS_BODY -> {}
        }
      }
    }
  }

  private boolean[] step(boolean[] now, int c) {
    boolean[] next = new boolean[now.length];
    for (int i = 0; i < parts.size(); i++) {
      if (now[i]) {
        advance(next, i, c);
      }
    }
    return next;
  }

  private void advance(boolean[] next, int i, int c) {
    Part part = parts.get(i);
    switch (part.kind()) {
      case LITERAL -> next[i + 1] |= c == part.character();
      case ONE -> next[i + 1] |= c != '/';
      case CLASS -> next[i + 1] |= isIn(part.ranges(), c);
      case NAME -> next[i] |= c != '/';
      case ANYTHING -> next[i] = true;
      case FOLDERS -> {}
      case FOLDERS_BODY -> {
        next[i] = true;
        next[i + 1] |= c == '/';
      }
    }
  }

  /** In an ignore file a class may even stand for the slash between names, as Docker has it. */
  private boolean isIn(@Nullable Classes ranges, int c) {
    return ranges != null && ranges.matches(c) && (deep || c != '/');
  }
}
