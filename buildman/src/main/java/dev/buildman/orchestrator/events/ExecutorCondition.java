package dev.buildman.orchestrator.events;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How an executor looks to one manager, where that is not well.
 *
 * @param circuit {@code closed}, {@code open} or {@code half_open}
 * @param trouble what is in the way of its workers, for people; empty: nothing is known to be
 */
public record ExecutorCondition(String executor, String circuit, String trouble) {
  private static final int LONGEST = 500;
  private static final String LINE = "\n";
  private static final String WORD = "\t";

  /** The trouble on one line, and not without end. */
  public ExecutorCondition {
    String line = trouble.replaceAll("\\s+", " ").strip();
    trouble = line.length() > LONGEST ? line.substring(0, LONGEST - 1) + "…" : line;
  }

  /** Whether there is nothing to say of it. */
  public boolean isWell() {
    return circuit.equals("closed") && trouble.isEmpty();
  }

  static String text(List<ExecutorCondition> conditions) {
    return conditions.stream()
        .map(one -> String.join(WORD, one.executor, one.circuit, one.trouble))
        .collect(Collectors.joining(LINE));
  }

  /** Of a text by any version: lines of another form are left out. */
  static List<ExecutorCondition> parse(String text) {
    return Arrays.stream(text.split(LINE, -1))
        .map(line -> line.split(WORD, -1))
        .filter(words -> words.length == 3)
        .map(words -> new ExecutorCondition(words[0], words[1], words[2]))
        .toList();
  }
}
