package dev.buildman.redis;

/**
 * Redis is away, answers too late, or is in no state to answer. Whether the command was applied is
 * unknown: repeat it with the same key.
 */
public final class RedisUnavailable extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public RedisUnavailable(String message) {
    super(message);
  }

  public RedisUnavailable(String message, Throwable cause) {
    super(message, cause);
  }
}
