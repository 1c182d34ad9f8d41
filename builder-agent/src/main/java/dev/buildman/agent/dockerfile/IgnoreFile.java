package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;

/** A {@code .dockerignore}: which paths of the context the build does not see. Later lines win. */
public final class IgnoreFile {

  /** Ignores nothing. */
  public static final IgnoreFile NONE = new IgnoreFile(List.of());

  private final List<Rule> rules;
  private final boolean hasExceptions;

  private IgnoreFile(List<Rule> rules) {
    this.rules = List.copyOf(rules);
    this.hasExceptions = rules.stream().anyMatch(Rule::exception);
  }

  /**
   * Reads an ignore file.
   *
   * @throws DockerfileException naming the line of a pattern that is not valid
   */
  public static IgnoreFile parse(String text) throws DockerfileException {
    List<Rule> rules = new ArrayList<>();
    int number = 0;
    for (String line : LineReader.physicalLines(text)) {
      number++;
      if (!line.startsWith("#") && !line.isBlank()) {
        add(rules, line.strip(), number);
      }
    }
    return new IgnoreFile(rules);
  }

  /** The rules of {@code --exclude} flags. */
  public static IgnoreFile ofPatterns(List<String> patterns, int line) throws DockerfileException {
    List<Rule> rules = new ArrayList<>();
    for (String pattern : patterns) {
      add(rules, pattern.strip(), line);
    }
    return new IgnoreFile(rules);
  }

  private static void add(List<Rule> rules, String text, int line) throws DockerfileException {
    boolean exception = text.startsWith("!");
    String pattern = exception ? text.substring(1).strip() : text;
    if (exception && pattern.isEmpty()) {
      throw new DockerfileException(line, "an exclamation mark without a pattern excepts nothing.");
    }
    String clean = PathPattern.clean(pattern);
    if (!clean.isEmpty() && !leadsOut(pattern)) {
      rules.add(new Rule(PathPattern.ofIgnore(clean, line), exception));
    }
  }

  /** Whether a pattern is of files beside the context, which no path is. */
  private static boolean leadsOut(String pattern) {
    int depth = 0;
    for (String name : pattern.split("/", -1)) {
      if (name.equals("..")) {
        depth--;
      } else if (!name.isEmpty() && !name.equals(".")) {
        depth++;
      }
      if (depth < 0) {
        return !pattern.startsWith("/");
      }
    }
    return false;
  }

  /**
   * Whether the build does not see the path.
   *
   * @param path with slashes, relative to the context
   */
  public boolean ignores(String path) {
    boolean ignored = false;
    for (Rule rule : rules) {
      if (rule.exception() == ignored && rule.matchesPathOrParent(path)) {
        ignored = !rule.exception();
      }
    }
    return ignored;
  }

  /** Whether nothing below an ignored folder can be seen, so that it need not be read. */
  public boolean prunes(String folder) {
    return !hasExceptions && ignores(folder);
  }

  private record Rule(PathPattern pattern, boolean exception) {

    boolean matchesPathOrParent(String path) {
      for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
        if (pattern.matches(path.substring(0, slash))) {
          return true;
        }
      }
      return pattern.matches(path);
    }
  }
}
