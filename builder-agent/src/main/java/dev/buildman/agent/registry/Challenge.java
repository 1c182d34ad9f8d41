package dev.buildman.agent.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a registry wants to be authenticated to, from its {@code WWW-Authenticate} headers.
 *
 * @param scheme lower case: {@code basic} or {@code bearer}
 * @param parameters lower-case names
 */
record Challenge(String scheme, Map<String, String> parameters) {
  // Either the next scheme (a word followed by blanks and no '=') or a parameter of the present
  // one.
  private static final Pattern PART =
      Pattern.compile(
          "\\G[,\\s]*(?:([A-Za-z][A-Za-z0-9_-]*)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]*))"
              + "|([A-Za-z][A-Za-z0-9_-]*))");

  /** Bearer where it is offered, else Basic; empty when the headers offer neither. */
  static Optional<Challenge> best(List<String> headers) {
    List<Challenge> all = headers.stream().flatMap(h -> parse(h).stream()).toList();
    return all.stream()
        .filter(c -> c.scheme.equals("bearer") && !c.parameter("realm").isEmpty())
        .findFirst()
        .or(() -> all.stream().filter(c -> c.scheme.equals("basic")).findFirst());
  }

  private static List<Challenge> parse(String header) {
    List<Challenge> all = new ArrayList<>();
    Map<String, String> parameters = new HashMap<>();
    Matcher matcher = PART.matcher(header);
    while (matcher.find()) {
      if (matcher.group(4) != null) {
        parameters = new HashMap<>();
        all.add(new Challenge(matcher.group(4).toLowerCase(Locale.ROOT), parameters));
      } else {
        String quoted = matcher.group(2);
        String value =
            quoted != null ? quoted.replaceAll("\\\\(.)", "$1") : String.valueOf(matcher.group(3));
        parameters.put(matcher.group(1).toLowerCase(Locale.ROOT), value);
      }
    }
    return all;
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }
}
