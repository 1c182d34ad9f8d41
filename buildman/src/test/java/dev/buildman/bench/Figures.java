package dev.buildman.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of a run: printed, and written as Markdown. */
final class Figures {
  private static final String HEAD =
      """
      | figure | measured | aim | manager, µs of CPU each | Redis | clients | all processors allow |
      |---|---|---|---|---|---|---|
      """;

  private static final String BEGIN = "<!-- figures -->\n";
  private static final String END = "<!-- end of figures -->";

  private final List<String> rows = new ArrayList<>();

  /** What was measured, without processor time. */
  void row(String figure, String measured, String aim) {
    add("| %s | %s | %s | | | | |".formatted(figure, measured, aim));
  }

  /**
   * A rate.
   *
   * @param cpu for one operation, in microseconds
   */
  void rate(String figure, double perSecond, String aim, Cpu cpu) {
    add(
        String.format(
            Locale.ROOT,
            "| %s | %,.0f a second | %s | %,.1f | %,.1f | %,.1f | %,.0f |",
            figure,
            perSecond,
            aim,
            cpu.manager(),
            cpu.redis(),
            cpu.load(),
            Runtime.getRuntime().availableProcessors() * 1e6 / cpu.sum()));
  }

  private void add(String row) {
    rows.add(row);
    System.out.println("BENCH " + row);
  }

  /**
   * Writes the table and what it was measured on: into the place that a document has for it, else
   * as the whole file.
   */
  void write(Path file, String machine) throws IOException {
    String table = machine + "\n\n" + HEAD + String.join("\n", rows) + "\n";
    String old = Files.exists(file) ? Files.readString(file) : "";
    int begin = old.indexOf(BEGIN);
    int end = old.indexOf(END);
    boolean hasPlace = begin >= 0 && end > begin;
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file,
        hasPlace ? old.substring(0, begin + BEGIN.length()) + table + old.substring(end) : table);
    System.out.println(table);
  }
}
