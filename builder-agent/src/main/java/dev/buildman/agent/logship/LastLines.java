package dev.buildman.agent.logship;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;

/** The end of what was printed, for a report. For one thread at a time. */
final class LastLines {
  private static final int LINES = 10;

  /** Characters of a line that are kept. */
  private static final int LONGEST = 400;

  /**
   * What buildah and Podman say of themselves when they tidy up after a step that failed; not what
   * programs of steps say that write logs of the same form.
   */
  private static final Pattern TIDYING =
      Pattern.compile(
          "time=\"[^\"]*\" level=(error|warning) msg=\"?(?i:error|failed|unable)"
              + ".*(container|mount|storage).*|subprocess exited with status \\d+");

  private static final Pattern COLOUR = Pattern.compile("\\u001b\\[[0-9;:]*m");

  private final Deque<String> lines = new ArrayDeque<>();
  private final StringBuilder line = new StringBuilder();

  /** After a carriage return: a line feed ends the line, anything else overwrites it. */
  private boolean returned;

  void add(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n') {
        end();
      } else if (c == '\r') {
        returned = true;
      } else {
        if (returned) {
          line.setLength(0);
          returned = false;
        }
        if (line.length() < LONGEST) {
          line.append(c);
        }
      }
    }
  }

  private void end() {
    String whole = COLOUR.matcher(line).replaceAll("").stripTrailing();
    line.setLength(0);
    returned = false;
    if (!whole.isEmpty() && !TIDYING.matcher(whole).matches()) {
      lines.add(whole);
      if (lines.size() > LINES) {
        lines.remove();
      }
    }
  }

  void clear() {
    lines.clear();
    line.setLength(0);
  }

  /** Without colours and empty lines, the oldest first; ends a line that has begun. */
  List<String> lines() {
    end();
    return List.copyOf(lines);
  }
}
