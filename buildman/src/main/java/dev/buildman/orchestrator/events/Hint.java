package dev.buildman.orchestrator.events;

import java.util.Optional;

/**
 * Something has happened, perhaps: hints are lost and doubled at will. What holds must be read.
 *
 * @param kind what
 * @param build whose, in the form of its id; empty: nobody's
 * @param detail the phase of PHASE; else empty
 */
public record Hint(Kind kind, String build, String detail) {
  private static final char SEPARATOR = ' ';

  /** What has happened. */
  public enum Kind {
    /** A build can be claimed. */
    RUNNABLE,
    /** A build entered a phase. */
    PHASE,
    /** A build's history has a new entry. */
    HISTORY,
    /** Capacity came free. */
    SLOT_FREED,
    /** A worker must be seen gone. */
    DUTY,
    /** A build was cancelled. */
    CANCELLED
  }

  /** Reads {@code KIND build detail}; empty for what another version may have sent. */
  static Optional<Hint> parse(String text) {
    String[] parts = text.split(String.valueOf(SEPARATOR), 3);
    for (Kind kind : Kind.values()) {
      if (kind.name().equals(parts[0]) && parts.length == 3) {
        return Optional.of(new Hint(kind, parts[1], parts[2]));
      }
    }
    return Optional.empty();
  }
}
