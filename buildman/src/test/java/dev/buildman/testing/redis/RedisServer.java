package dev.buildman.testing.redis;

import dev.buildman.redis.RedisSettings;

/** A real Redis that tests may use. */
public interface RedisServer extends AutoCloseable {
  RedisSettings settings();

  /** What it is, for messages. */
  String describe();

  @Override
  void close();
}
