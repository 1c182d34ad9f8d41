package dev.buildman.redis;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.List;

/** One way to reach Redis: a single primary (also one that Sentinels know), or a cluster. */
interface Driver {
  /** Opens a connection of its own; it lives until the driver is closed. */
  RedisClusterAsyncCommands<byte[], byte[]> connect(String purpose);

  /** The primary that has a key, on the connection that asks for facts and settings. */
  RedisClusterAsyncCommands<byte[], byte[]> ownerOf(String key);

  /** All primaries, on the same connection. */
  List<RedisClusterAsyncCommands<byte[], byte[]>> primaries();

  /** Opens a connection that listens. */
  Subscription subscribe(Subscription.Request request);

  /** Closes everything that was opened. */
  void close();
}
