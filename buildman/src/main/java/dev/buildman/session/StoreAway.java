package dev.buildman.session;

/**
 * Redis was away for longer than an agent is held. Nothing was decided: the agent repeats its
 * message, here or at another manager.
 */
public final class StoreAway extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoreAway(Throwable cause) {
    super("Redis is away", cause);
  }
}
