package dev.buildman.buildlogs;

import dev.buildman.model.Phase;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One entry of a build's log, in the form that Quay's log viewer reads.
 *
 * @param message may hold several lines or part of one, with colours and carriage returns
 * @param data beside the message; {@code datetime} in every entry
 */
public record LogEntry(String message, Type type, Map<String, String> data) {
  /** Says when; Quay's viewer shows it beside the line. */
  private static final String DATETIME = "datetime";

  /** What a viewer makes of an entry. */
  public enum Type {
    /** Output. */
    LINE(""),
    /** The head of a step; what follows belongs to it. */
    COMMAND("command"),
    /** The message is the word of a phase. */
    PHASE("phase"),
    /** Said by the manager or about a failure. */
    ERROR("error");

    private final String word;

    Type(String word) {
      this.word = word;
    }

    /** The word in the log; empty for plain output. */
    public String word() {
      return word;
    }

    /** An unknown word is plain output. */
    static Type ofWord(String word) {
      for (Type type : values()) {
        if (type.word.equals(word)) {
          return type;
        }
      }
      return LINE;
    }
  }

  public LogEntry {
    data = Map.copyOf(data);
  }

  /** What an agent printed. */
  public static LogEntry line(String message, Type type, Instant at) {
    return new LogEntry(message, type, Map.of(DATETIME, at.toString()));
  }

  /** The build entered a phase. */
  public static LogEntry phase(Phase phase, Instant at, Map<String, String> data) {
    Map<String, String> all = new LinkedHashMap<>(data);
    all.put(DATETIME, at.toString());
    return new LogEntry(phase.word(), Type.PHASE, all);
  }

  /** Stands where the middle of a long log was cut out. */
  static LogEntry cut(long lines) {
    return new LogEntry(
        "[" + lines + " lines were cut out here: the log is longer than its limit]\n",
        Type.ERROR,
        Map.of());
  }

  /** Something a reader of the log must know: a failure, or that lines are missing. */
  public static LogEntry error(String message, Instant at) {
    return new LogEntry(message, Type.ERROR, Map.of(DATETIME, at.toString()));
  }
}
