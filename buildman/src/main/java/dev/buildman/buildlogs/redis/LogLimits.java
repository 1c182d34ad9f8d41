package dev.buildman.buildlogs.redis;

/**
 * {@code LOGS}: how much of a build's log is kept. Beyond it the first and the last half stay, and
 * the middle is cut out.
 */
public record LogLimits(int maxLines, long maxBytes) {
  /** 200,000 lines, 64 MiB. */
  public static final LogLimits DEFAULT = new LogLimits(200_000, 64L << 20);
}
