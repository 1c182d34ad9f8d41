package dev.buildman.agent.dockerfile;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parser directives: comments of the form {@code # name=value} before anything else in the
 * file.
 *
 * @param escape the character that continues lines and escapes characters: backslash or backtick
 * @param syntax the frontend image that the author asks for; engines of ours do not load it
 */
public record Directives(char escape, @Nullable String syntax) {

  private static final Pattern DIRECTIVE =
      Pattern.compile("^#\\s*([a-zA-Z][a-zA-Z0-9]*)\\s*=\\s*(.+?)\\s*$");
  private static final Set<String> KNOWN = Set.of("escape", "syntax", "check");

  static Directives of(List<String> lines) throws DockerfileException {
    Map<String, String> found = new HashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher matcher = DIRECTIVE.matcher(lines.get(i));
      if (!matcher.matches()) {
        break;
      }
      String name = matcher.group(1).toLowerCase(Locale.ROOT);
      if (!KNOWN.contains(name)) {
        break;
      }
      if (found.put(name, matcher.group(2)) != null) {
        throw new DockerfileException(
            i + 1, "the parser directive " + name + " is given twice; keep one.");
      }
      if (name.equals("escape")
          && !matcher.group(2).equals("\\")
          && !matcher.group(2).equals("`")) {
        throw new DockerfileException(i + 1, "escape is \\ or `, not " + matcher.group(2) + ".");
      }
    }
    return new Directives(found.getOrDefault("escape", "\\").charAt(0), found.get("syntax"));
  }
}
