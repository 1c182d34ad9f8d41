package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts a Dockerfile into instructions: comments, continued lines and here-documents. */
final class LineReader {

  private static final Set<String> WITH_HEREDOC = Set.of("run", "copy", "add");
  private static final Pattern HEREDOC = Pattern.compile("^\\d*<<(-?)([^<]+)$");

  private final List<String> lines;
  private final Directives directives;
  private final Pattern continued;
  private int next;

  private LineReader(List<String> lines, Directives directives) {
    this.lines = lines;
    this.directives = directives;
    String escape = Pattern.quote(String.valueOf(directives.escape()));
    // Two escape characters at the end are an escaped one, not a continuation.
    this.continued = Pattern.compile("(?<!" + escape + ")" + escape + "[ \t]*$");
  }

  static List<String> physicalLines(String text) {
    String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
    return body.lines().toList();
  }

  static List<LogicalLine> read(List<String> lines, Directives directives)
      throws DockerfileException {
    LineReader reader = new LineReader(lines, directives);
    List<LogicalLine> result = new ArrayList<>();
    while (reader.next < lines.size()) {
      int first = reader.next + 1;
      String text = reader.instruction();
      if (!text.isEmpty()) {
        List<Heredoc> heredocs = reader.heredocs(first, text);
        result.add(new LogicalLine(first, reader.next, text, heredocs));
      }
    }
    return result;
  }

  private String instruction() {
    String line = lines.get(next++);
    if (isComment(line)) {
      return "";
    }
    StringBuilder joined = new StringBuilder();
    Matcher end = continued.matcher(line);
    boolean open = end.find();
    joined.append(open ? line.substring(0, end.start()) : line);
    while (open && next < lines.size()) {
      line = lines.get(next++);
      if (isComment(line) || line.isBlank()) {
        continue;
      }
      end = continued.matcher(line);
      open = end.find();
      joined.append(open ? line.substring(0, end.start()) : line);
    }
    return joined.toString().strip();
  }

  private static boolean isComment(String line) {
    return line.stripLeading().startsWith("#");
  }

  private List<Heredoc> heredocs(int first, String text) throws DockerfileException {
    if (!text.contains("<<") || !mayHaveHeredoc(text)) {
      return List.of();
    }
    List<Heredoc> result = new ArrayList<>();
    for (String word : Words.split(text, directives.escape())) {
      Matcher matcher = HEREDOC.matcher(word);
      if (matcher.matches()) {
        result.add(body(first, opened(first, matcher)));
      }
    }
    return List.copyOf(result);
  }

  private static boolean mayHaveHeredoc(String text) {
    String[] words = text.split("\\s+", 3);
    int at = words[0].equalsIgnoreCase("onbuild") && words.length > 2 ? 1 : 0;
    boolean json =
        words.length > at + 1
            && text.substring(text.indexOf(words[at]) + words[at].length()).strip().startsWith("[");
    return !json && WITH_HEREDOC.contains(words[at].toLowerCase(Locale.ROOT));
  }

  private Heredoc opened(int first, Matcher matcher) throws DockerfileException {
    String raw = matcher.group(2);
    String name = new Expansion(directives.escape(), variable -> null).word(raw, first);
    return new Heredoc(name, name.equals(raw), !matcher.group(1).isEmpty(), "");
  }

  private Heredoc body(int first, Heredoc opened) throws DockerfileException {
    StringBuilder content = new StringBuilder();
    while (next < lines.size()) {
      String line = lines.get(next++);
      String end = opened.chomp() ? line.replaceAll("^\t+", "") : line;
      if (end.equals(opened.name())) {
        return opened.withContent(content.toString());
      }
      content.append(line).append('\n');
    }
    throw new DockerfileException(
        first,
        "the here-document <<"
            + opened.name()
            + " is never ended; add a line that holds only "
            + opened.name()
            + ".");
  }
}
