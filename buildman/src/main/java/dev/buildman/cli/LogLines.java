package dev.buildman.cli;

import dev.buildman.proto.v1.LogEntry;

/**
 * Prints log entries as the worker printed them. An entry may be part of a line, so a line break is
 * added only where something else follows.
 */
final class LogLines {

  private static final String BOLD = "\u001b[1m";
  private static final String RED = "\u001b[31m";
  private static final String RESET = "\u001b[0m";

  private final Terminal terminal;
  private final boolean colours;
  private boolean midLine;

  LogLines(Terminal terminal) {
    this.terminal = terminal;
    this.colours = terminal.live() && terminal.variable("NO_COLOR").isEmpty();
  }

  void print(LogEntry entry) {
    switch (entry.getType()) {
      case "phase" -> heading("== " + entry.getMessage());
      case "error" -> heading(coloured(RED, "error: " + entry.getMessage().stripTrailing()));
      case "command" -> heading(coloured(BOLD, entry.getMessage().stripTrailing()));
      default -> raw(entry.getMessage());
    }
  }

  private void heading(String text) {
    end();
    if (!text.isBlank()) {
      terminal.out().println(text);
    }
  }

  private void raw(String text) {
    if (text.isEmpty()) {
      return;
    }
    terminal.out().print(text);
    midLine = !text.endsWith("\n");
  }

  /** Ends a line that was begun. */
  void end() {
    if (midLine) {
      terminal.out().println();
      midLine = false;
    }
    terminal.out().flush();
  }

  private String coloured(String colour, String text) {
    return colours ? colour + text + RESET : text;
  }
}
