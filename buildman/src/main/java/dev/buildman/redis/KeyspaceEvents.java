package dev.buildman.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes Redis tell of expired keys. What others have switched on stays: the present flags are read
 * first, and only missing ones are added.
 */
public final class KeyspaceEvents {
  private static final Logger log = LoggerFactory.getLogger(KeyspaceEvents.class);
  private static final String PARAMETER = "notify-keyspace-events";

  /** Keyspace channels, expired events. */
  private static final String WANTED = "Kx";

  private KeyspaceEvents() {}

  /**
   * @return whether every primary tells of expired keys; if not, the sweep alone ends leases, a
   *     little later
   * @throws RedisUnavailable when Redis did not answer: it may yet say either, so ask again
   */
  public static boolean enable(RedisConnections connections) {
    boolean skip = connections.settings().behaviour().skipKeyspaceEvents();
    try {
      boolean all = true;
      for (RedisClusterAsyncCommands<byte[], byte[]> primary : connections.driver().primaries()) {
        all &= enable(primary, skip);
      }
      return all;
    } catch (RuntimeException e) {
      RuntimeException failure = Failures.translated("Setting up keyspace events", e);
      if (failure instanceof RedisUnavailable away) {
        throw away;
      }
      // Managed services refuse CONFIG: an ordinary case.
      log.warn(
          "Redis does not let its keyspace events be set up; the sweep carries expiry: why={}",
          failure.getMessage());
      return false;
    }
  }

  private static boolean enable(RedisClusterAsyncCommands<byte[], byte[]> primary, boolean skip) {
    Map<String, String> found = primary.configGet(PARAMETER).toCompletableFuture().join();
    String present = found.getOrDefault(PARAMETER, "");
    String merged = merged(present);
    if (merged.equals(present)) {
      return true;
    }
    if (skip) {
      log.warn(
          "Keyspace events are off and REDIS_SKIP_KEYSPACE_EVENT_SETUP is set; the sweep carries"
              + " expiry: flags={}",
          present);
      return false;
    }
    primary.configSet(PARAMETER, merged).toCompletableFuture().join();
    log.info("Keyspace events were switched on: before={}, now={}", present, merged);
    return true;
  }

  /** The flags with those that are missing; {@code A} stands for all kinds of events. */
  static String merged(String present) {
    StringBuilder flags = new StringBuilder(present);
    for (char flag : WANTED.toCharArray()) {
      boolean has = present.indexOf(flag) >= 0 || (flag == 'x' && present.indexOf('A') >= 0);
      if (!has) {
        flags.append(flag);
      }
    }
    return flags.toString();
  }

  /** The pattern of the channels that tell of keys under a prefix. */
  public static String pattern(int database, String prefix, String suffix) {
    return "__keyspace@" + database + "__:" + escaped(prefix) + "*" + escaped(suffix);
  }

  /** The key that a channel tells of. */
  public static String key(String channel) {
    return channel.substring(channel.indexOf(':') + 1);
  }

  private static String escaped(String text) {
    StringBuilder escaped = new StringBuilder();
    for (byte one : text.getBytes(UTF_8)) {
      char c = (char) (one & 0xff);
      if ("*?[]\\^-".indexOf(c) >= 0) {
        escaped.append('\\');
      }
      escaped.append(c);
    }
    return new String(
        escaped.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), UTF_8);
  }
}
