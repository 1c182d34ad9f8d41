package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The {@code --name=value} words at the start of an instruction.
 *
 * @param values all values of each flag in their order; a flag without a value holds {@code "true"}
 * @param rest the text after the flags
 */
record Flags(Map<String, List<String>> values, String rest) {

  private static final Set<String> REPEATED = Set.of("mount", "exclude", "device");

  static Flags of(String text, char escape, String keyword, Set<String> known, int line)
      throws DockerfileException {
    Map<String, List<String>> values = new LinkedHashMap<>();
    String rest = text;
    while (rest.startsWith("--")) {
      String word = Words.split(rest, escape).getFirst();
      rest = rest.substring(Math.min(rest.length(), word.length())).stripLeading();
      if (word.equals("--")) {
        break;
      }
      int equals = word.indexOf('=');
      String name = word.substring(2, equals < 0 ? word.length() : equals);
      String value = equals < 0 ? "true" : word.substring(equals + 1);
      if (!known.contains(name)) {
        throw new DockerfileException(line, unknown(keyword, name, known));
      }
      List<String> all = values.computeIfAbsent(name, n -> new ArrayList<>());
      if (!all.isEmpty() && !REPEATED.contains(name)) {
        throw new DockerfileException(
            line, keyword + " has the flag --" + name + " twice; keep one.");
      }
      all.add(value);
    }
    return new Flags(values, rest);
  }

  private static String unknown(String keyword, String name, Set<String> known) {
    if (known.isEmpty()) {
      return keyword + " takes no flags; found --" + name + ".";
    }
    String nearest = Nearest.of(name, known);
    return keyword
        + " has no flag --"
        + name
        + "; "
        + (nearest == null
            ? "it takes --" + String.join(", --", known.stream().sorted().toList())
            : "did you mean --" + nearest + "?");
  }
}
