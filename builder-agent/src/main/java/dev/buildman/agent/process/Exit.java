package dev.buildman.agent.process;

import java.util.OptionalInt;

/**
 * How a program ended.
 *
 * @param status its exit status; 128 + n when signal n ended it
 * @param timedOut whether it was stopped because its time was over
 */
public record Exit(int status, boolean timedOut) {
  private static final int SIGNAL_BASE = 128;
  private static final int LAST_SIGNAL = 64;

  /** Whether it ended by itself with status 0. */
  public boolean ok() {
    return status == 0 && !timedOut;
  }

  /**
   * The signal that ended it, if one did. A program that exits with such a number by itself looks
   * the same, as it does to a shell.
   */
  public OptionalInt signal() {
    int signal = status - SIGNAL_BASE;
    return signal > 0 && signal <= LAST_SIGNAL ? OptionalInt.of(signal) : OptionalInt.empty();
  }

  /** For people: {@code exit status 3}, {@code killed by signal 9}, {@code out of time}. */
  public String describe() {
    if (timedOut) {
      return "out of time";
    }
    return signal().isPresent()
        ? "killed by signal " + signal().getAsInt()
        : "exit status " + status;
  }
}
