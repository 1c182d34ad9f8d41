package dev.buildman.executor.popen;

import java.util.Optional;

/**
 * What {@code /proc/<pid>/stat} says of a process.
 *
 * @param start clock ticks since boot
 */
record ProcessStat(long pid, char state, long parent, long session, long start) {
  // Positions after the command's name, which stands in parentheses and may hold anything
  // (proc(5)).
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int SESSION = 3;
  private static final int START = 19;

  static Optional<ProcessStat> parse(String line) {
    int open = line.indexOf('(');
    int close = line.lastIndexOf(')');
    if (open < 1 || close < open || close + 2 > line.length()) {
      return Optional.empty();
    }
    String[] fields = line.substring(close + 2).trim().split(" ", -1);
    if (fields.length <= START) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ProcessStat(
              Long.parseLong(line.substring(0, open).trim()),
              fields[STATE].charAt(0),
              Long.parseLong(fields[PARENT]),
              Long.parseLong(fields[SESSION]),
              Long.parseLong(fields[START])));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Whether it can still run: a zombie only waits for its parent to look at it. */
  boolean lives() {
    return state != 'Z' && state != 'X';
  }
}
