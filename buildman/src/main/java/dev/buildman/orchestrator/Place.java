package dev.buildman.orchestrator;

import java.util.Locale;

/** Where a build is: in exactly one of these. */
public enum Place {
  /** Waits behind builds of its own repository. */
  BEHIND,
  /** Can be claimed. */
  HEAD,
  /** A claim was given back; it waits for room or for an executor. */
  PARKED,
  /** Waits for its repeat. */
  DELAYED,
  /** A manager or a worker has it. */
  JOB,
  /** Has its terminal phase. */
  END;

  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads the word in Redis. */
  public static Place ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }
}
