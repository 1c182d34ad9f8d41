package dev.buildman.model;

import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * Makes one claim of one manager unique, also across a failover that loses writes and so gives
 * attempt and session numbers out again.
 *
 * @param manager who claimed
 * @param counter grows with every claim of that manager, from 1
 * @param random 32 hex digits
 */
public record Nonce(ManagerId manager, long counter, String random) {
  private static final Pattern RANDOM = Pattern.compile("[0-9a-f]{32}");

  public Nonce {
    Text.matching(random, RANDOM, "nonce", "its random part must be 32 hex digits");
  }

  /**
   * @param random 16 bytes
   */
  public static Nonce of(ManagerId manager, long counter, byte[] random) {
    return new Nonce(manager, counter, HexFormat.of().formatHex(random));
  }

  /** Reads the form that {@link #toString} writes. */
  public static Nonce parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("nonce '" + text + "' does not have three parts");
    }
    return new Nonce(new ManagerId(parts[0]), Long.parseLong(parts[1]), parts[2]);
  }

  /** {@code <manager>:<counter>:<random>}. */
  @Override
  public String toString() {
    return manager + ":" + counter + ":" + random;
  }
}
