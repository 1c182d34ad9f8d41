package dev.buildman.agent.dockerfile;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Patterns over paths with slashes: {@code *} and {@code ?} stay within one name, {@code [a-z]} and
 * {@code [^a]} are classes, a backslash takes the next character as it is. In ignore files {@code
 * **} also stands for any number of names.
 */
public final class PathPattern {

  private final Pattern regex;

  private PathPattern(Pattern regex) {
    this.regex = regex;
  }

  /** A source of COPY or ADD. */
  public static PathPattern ofSource(String pattern, int line) throws DockerfileException {
    return new PathPattern(compile(pattern, false, line));
  }

  /** A line of an ignore file or an {@code --exclude}. */
  public static PathPattern ofIgnore(String pattern, int line) throws DockerfileException {
    return new PathPattern(compile(pattern, true, line));
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
    return regex.matcher(path).matches();
  }

  private static Pattern compile(String pattern, boolean anyDepth, int line)
      throws DockerfileException {
    StringBuilder out = new StringBuilder("(?s)");
    for (int i = 0; i < pattern.length(); i++) {
      char c = pattern.charAt(i);
      switch (c) {
        case '*' -> {
          boolean twice = anyDepth && i + 1 < pattern.length() && pattern.charAt(i + 1) == '*';
          if (!twice) {
            out.append("[^/]*");
            continue;
          }
          i++;
          if (i + 1 < pattern.length() && pattern.charAt(i + 1) == '/') {
            i++;
          }
          out.append(i + 1 == pattern.length() ? ".*" : "(?:.*/)?");
        }
        case '?' -> out.append("[^/]");
        case '[' -> i = characterClass(pattern, i, out, line);
        case '\\' -> {
          if (++i == pattern.length()) {
            throw new DockerfileException(
                line, "the pattern " + pattern + " ends with a backslash.");
          }
          out.append(Pattern.quote(String.valueOf(pattern.charAt(i))));
        }
        default -> out.append(Pattern.quote(String.valueOf(c)));
      }
    }
    try {
      return Pattern.compile(out.toString());
    } catch (PatternSyntaxException e) {
      throw new DockerfileException(
          line, "the pattern " + pattern + " is not valid: a class in brackets is wrong.");
    }
  }

  private static int characterClass(String pattern, int start, StringBuilder out, int line)
      throws DockerfileException {
    int end = start + 1;
    StringBuilder body = new StringBuilder();
    if (end < pattern.length() && pattern.charAt(end) == '^') {
      body.append('^');
      end++;
    }
    int first = end;
    while (end < pattern.length() && (pattern.charAt(end) != ']' || end == first)) {
      char c = pattern.charAt(end);
      if (c == '\\' && end + 1 < pattern.length()) {
        c = pattern.charAt(++end);
        body.append('\\').append(c);
      } else {
        body.append(c == '[' || c == '&' || c == ']' || c == '^' ? "\\" + c : String.valueOf(c));
      }
      end++;
    }
    if (end >= pattern.length()) {
      throw new DockerfileException(
          line, "the pattern " + pattern + " has a bracket that is not closed.");
    }
    // A class never matches the slash between names.
    out.append("(?!/)[").append(body).append(']');
    return end;
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
