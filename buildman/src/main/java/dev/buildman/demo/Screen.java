package dev.buildman.demo;

import java.io.PrintStream;
import java.util.List;

/**
 * What a person sees: lines that stay, and on a terminal a block of rows below them that is redrawn
 * in place. In a pipe only the lines are printed.
 *
 * <p>Safe for use by many threads.
 */
final class Screen {
  private static final String CLEAR_BELOW = "\u001b[J";

  private final PrintStream out;
  private final boolean live;
  private List<String> rows = List.of();

  Screen(PrintStream out, boolean live) {
    this.out = out;
    this.live = live;
  }

  /** Prints a line that stays. */
  synchronized void say(String line) {
    erase();
    out.println(line);
    draw();
  }

  /** Replaces the block of rows. */
  synchronized void show(List<String> newRows) {
    if (!live || newRows.equals(rows)) {
      return;
    }
    erase();
    rows = List.copyOf(newRows);
    draw();
  }

  /** Leaves the rows as they are, as lines that stay. */
  synchronized void settle() {
    rows = List.of();
  }

  private void erase() {
    if (live && !rows.isEmpty()) {
      out.print("\u001b[" + rows.size() + "A\r" + CLEAR_BELOW);
    }
  }

  private void draw() {
    if (live) {
      rows.forEach(out::println);
    }
    out.flush();
  }
}
