package dev.buildman.model;

/**
 * What a build uses of its worker, as its agent says.
 *
 * @param cpuMillis thousandths of a core; 0: not known
 * @param memoryBytes 0: not known
 * @param diskBytes 0: not known
 */
public record Usage(int cpuMillis, long memoryBytes, long diskBytes) {
  /** Nothing is known. */
  public static final Usage UNKNOWN = new Usage(0, 0, 0);

  /** What is less than nothing is not known. */
  public Usage {
    cpuMillis = Math.max(0, cpuMillis);
    memoryBytes = Math.max(0, memoryBytes);
    diskBytes = Math.max(0, diskBytes);
  }

  public boolean isKnown() {
    return !equals(UNKNOWN);
  }

  /** As it is kept in Redis; empty: not known. */
  public String word() {
    return isKnown() ? cpuMillis + " " + memoryBytes + " " + diskBytes : "";
  }

  /** Reads {@link #word}. */
  public static Usage ofWord(String word) {
    if (word.isEmpty()) {
      return UNKNOWN;
    }
    String[] numbers = word.split(" ", -1);
    return new Usage(
        Integer.parseInt(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
  }
}
