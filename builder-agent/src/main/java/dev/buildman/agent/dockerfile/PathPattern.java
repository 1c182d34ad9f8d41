package dev.buildman.agent.dockerfile;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Patterns over paths with slashes: {@code *} and {@code ?} stay within one name, {@code [a-z]} and
 * {@code [^a]} are classes, a backslash takes the next character as it is. In ignore files {@code
 * **} also stands for any number of names.
 */
public final class PathPattern {

  private final Glob glob;

  private PathPattern(Glob glob) {
    this.glob = glob;
  }

  /** A source of COPY or ADD. */
  public static PathPattern ofSource(String pattern, int line) throws DockerfileException {
    return new PathPattern(Glob.of(pattern, false, line));
  }

  /** A line of an ignore file or an {@code --exclude}. */
  public static PathPattern ofIgnore(String pattern, int line) throws DockerfileException {
    return new PathPattern(Glob.of(pattern, true, line));
  }

  /** Whether a source of COPY or ADD is a pattern rather than a path. */
  public static boolean isPattern(String source) {
    for (int i = 0; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '*' || c == '?' || c == '[' || c == '\\') {
        return true;
      }
    }
    return false;
  }

  /** Whether the whole path, without a leading slash, fits. */
  public boolean matches(String path) {
    return glob.matches(path);
  }

  /** The path without empty, {@code .} and {@code ..} names, which never lead above the root. */
  public static String clean(String path) {
    Deque<String> names = new ArrayDeque<>();
    for (String name : path.split("/", -1)) {
      if (name.equals("..")) {
        names.pollLast();
      } else if (!name.isEmpty() && !name.equals(".")) {
        names.addLast(name);
      }
    }
    return String.join("/", names);
  }
}
