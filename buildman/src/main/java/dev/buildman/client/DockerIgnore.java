package dev.buildman.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The rules of a {@code .dockerignore} file, with Docker's meaning: the last rule that matches a
 * path or a folder above it decides.
 */
final class DockerIgnore {

  /** Nothing is left out. */
  static final DockerIgnore NOTHING = new DockerIgnore(List.of());

  private record Rule(Pattern pattern, boolean keeps) {}

  private final List<Rule> rules;

  private DockerIgnore(List<Rule> rules) {
    this.rules = rules;
  }

  /**
   * The rules of a folder: those of {@code <Dockerfile>.dockerignore} if it is there, else of
   * {@code .dockerignore}.
   *
   * @param dockerfile its path in the folder
   * @throws IOException when the file cannot be read, or holds a pattern that is none
   */
  static DockerIgnore of(Path folder, String dockerfile) throws IOException {
    Path own = folder.resolve(dockerfile + ".dockerignore");
    Path common = folder.resolve(".dockerignore");
    Path file = Files.isRegularFile(own) ? own : common;
    return Files.isRegularFile(file) ? parse(Files.readAllLines(file)) : NOTHING;
  }

  static DockerIgnore parse(List<String> lines) throws IOException {
    List<Rule> rules = new ArrayList<>();
    for (String line : lines) {
      String text = line.startsWith("\uFEFF") ? line.substring(1) : line;
      // A '#' is a comment in the first column only, as Docker has it.
      if (text.startsWith("#") || text.isBlank()) {
        continue;
      }
      text = text.strip();
      boolean keeps = text.startsWith("!");
      String pattern = keeps ? text.substring(1).strip() : text;
      if (pattern.isEmpty()) {
        throw new IOException(".dockerignore: '!' alone excepts nothing");
      }
      String glob = clean(pattern);
      if (!glob.isEmpty()) {
        rules.add(new Rule(compile(glob, line), keeps));
      }
    }
    return new DockerIgnore(rules);
  }

  /** Whether the path, relative to the folder and with '/', is left out. */
  boolean excludes(String path) {
    boolean excluded = false;
    for (Rule rule : rules) {
      if (rule.keeps() == excluded && matchesItOrAbove(rule.pattern(), path)) {
        excluded = !rule.keeps();
      }
    }
    return excluded;
  }

  /** Whether something below an excluded folder may still be wanted. */
  boolean mayKeepBelow() {
    return rules.stream().anyMatch(Rule::keeps);
  }

  private static boolean matchesItOrAbove(Pattern pattern, String path) {
    for (int end = path.length(); end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (pattern.matcher(path.substring(0, end)).matches()) {
        return true;
      }
    }
    return false;
  }

  // Docker cleans a pattern like a path: "./a//b/", "/a/b" and "x/../a/b" are all "a/b". One that
  // leads out of the folder fits nothing.
  private static String clean(String glob) {
    List<String> parts = new ArrayList<>();
    for (String part : glob.split("/", -1)) {
      if (part.equals("..") && parts.isEmpty() && !glob.startsWith("/")) {
        return "";
      } else if (part.equals("..") && !parts.isEmpty()) {
        parts.removeLast();
      } else if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
        parts.add(part);
      }
    }
    return String.join("/", parts);
  }

  private static Pattern compile(String glob, String line) throws IOException {
    try {
      return Pattern.compile(IgnoreRegex.of(glob), Pattern.DOTALL);
    } catch (PatternSyntaxException e) {
      throw new IOException(".dockerignore: '" + line + "' is no pattern", e);
    }
  }
}
