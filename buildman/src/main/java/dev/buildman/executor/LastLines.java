package dev.buildman.executor;

import java.util.List;

/** The end of a worker's log, fit to be kept: few lines, none long, no secret. */
public final class LastLines {
  private static final int LINES = 20;

  private LastLines() {}

  /** The last 20 lines that are not blank, masked and cut by {@link OutputMask}. */
  public static List<String> masked(List<String> lines) {
    List<String> told =
        lines.stream().filter(line -> !line.isBlank()).map(OutputMask::mask).toList();
    return told.subList(Math.max(0, told.size() - LINES), told.size());
  }
}
