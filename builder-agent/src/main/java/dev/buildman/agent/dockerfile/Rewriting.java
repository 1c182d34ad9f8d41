package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Replaces instructions in a Dockerfile's text; every other line stays as and where it is. */
public final class Rewriting {

  private Rewriting() {}

  /**
   * The text with other instructions.
   *
   * @param replacements by the first line of what they replace, from 1; each on one line
   * @throws DockerfileException when the text cannot be read
   */
  public static String of(String text, Map<Integer, String> replacements)
      throws DockerfileException {
    List<String> lines = new ArrayList<>(LineReader.physicalLines(text));
    Directives directives = Directives.of(lines);
    for (LogicalLine line : LineReader.read(List.copyOf(lines), directives)) {
      String replacement = replacements.get(line.number());
      if (replacement != null) {
        lines.set(line.number() - 1, replacement);
        for (int i = line.number(); i < line.end(); i++) {
          lines.set(i, "");
        }
      }
    }
    return String.join("\n", lines) + "\n";
  }

  /** The words as a JSON array, as instructions take it. */
  public static String json(List<String> words) {
    return "[" + String.join(", ", words.stream().map(RunScripts::quoted).toList()) + "]";
  }

  /**
   * An ARG with these values as its defaults, the arguments that have none as they are.
   *
   * @throws DockerfileException when a value has more than one line, which no default can have
   */
  public static String arg(Dockerfile file, Instruction.Arg arg, Map<String, String> values)
      throws DockerfileException {
    StringBuilder text = new StringBuilder("ARG");
    for (Instruction.Pair pair : arg.arguments()) {
      String value = values.get(pair.name());
      text.append(' ').append(pair.name());
      if (value != null) {
        text.append('=').append(quoted(value, file.directives().escape(), arg.line()));
      } else if (pair.value() != null) {
        text.append('=').append(pair.value());
      }
    }
    return text.toString();
  }

  private static String quoted(String value, char escape, int line) throws DockerfileException {
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new DockerfileException(line, "the value of a build argument has several lines.");
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : value.toCharArray()) {
      if (c == '"' || c == '$' || c == escape) {
        quoted.append(escape);
      }
      quoted.append(c);
    }
    return quoted.append('"').toString();
  }
}
