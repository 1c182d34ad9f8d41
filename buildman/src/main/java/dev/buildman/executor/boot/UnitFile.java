package dev.buildman.executor.boot;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A unit of systemd: sections of settings, each value written so that systemd reads it back. */
final class UnitFile {
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_@%+=:,./-]+");

  private final List<String> lines = new ArrayList<>();

  /** Begins a section. */
  UnitFile section(String name) {
    if (!lines.isEmpty()) {
      lines.add("");
    }
    lines.add("[" + name + "]");
    return this;
  }

  /** A setting whose value is taken as it is. */
  UnitFile set(String key, String value) {
    if (value.lines().count() > 1) {
      throw new IllegalArgumentException("a setting of a unit is one line: " + key);
    }
    lines.add(key + "=" + value);
    return this;
  }

  /** A command: no word of it is expanded, whatever it holds. */
  UnitFile command(String key, List<String> words) {
    return set(key, String.join(" ", words.stream().map(UnitFile::word).toList()));
  }

  private static String word(String word) {
    // Percent signs are specifiers and dollars variables, in quotes too.
    String literal = word.replace("%", "%%").replace("$", "$$");
    return PLAIN.matcher(literal).matches() ? literal : quoted(literal);
  }

  /** In double quotes, as units and environment files know them. */
  static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  String text() {
    return String.join("\n", lines) + "\n";
  }
}
