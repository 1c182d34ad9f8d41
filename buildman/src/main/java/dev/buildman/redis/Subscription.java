package dev.buildman.redis;

import java.util.List;

/**
 * A connection of its own that listens to channels. Whatever was sent while it was lost is lost.
 */
public interface Subscription extends AutoCloseable {
  /**
   * What to listen to.
   *
   * @param channels by name, wherever in a cluster they are published
   * @param patterns by pattern, on every primary of a cluster: keyspace events are node-local
   */
  record Request(List<String> channels, List<String> patterns, Listener listener) {}

  /** Hears messages on the connection's event loop: must neither block nor throw. */
  interface Listener {
    /** A message of a channel, also one that a pattern found. */
    void message(String channel, String message);

    /** Listening has begun, or begun again: something may have been missed. */
    void subscribed();
  }

  @Override
  void close();
}
