package dev.buildman.redis;

import java.util.HashMap;
import java.util.Map;

/**
 * What a server says of itself.
 *
 * @param version as {@code 7.0.15}; Valkey says the Redis version that it is compatible with
 * @param replicationId changes with every failover and restart
 * @param promoted whether it was a replica once, since its start: it remembers the id of then
 * @param appendOnly whether it writes an append-only file
 * @param maxmemoryPolicy what it throws away when memory is full; empty: not told
 */
public record ServerFacts(
    String version,
    String replicationId,
    boolean promoted,
    boolean appendOnly,
    String maxmemoryPolicy) {
  private static final String NO_ID = "0".repeat(40);

  /** Reads the answer of {@code INFO}. */
  static ServerFacts of(String info) {
    Map<String, String> facts = new HashMap<>();
    for (String line : info.lines().toList()) {
      int colon = line.indexOf(':');
      if (colon > 0 && !line.startsWith("#")) {
        facts.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return new ServerFacts(
        facts.getOrDefault("redis_version", ""),
        facts.getOrDefault("master_replid", ""),
        !facts.getOrDefault("master_replid2", NO_ID).equals(NO_ID),
        facts.getOrDefault("aof_enabled", "0").equals("1"),
        facts.getOrDefault("maxmemory_policy", ""));
  }

  /**
   * Whether a changed replication id may be taken for a restart that lost nothing: the append-only
   * file has what was answered. A promoted replica may lack it.
   */
  public boolean restartedWithAppendOnlyFile() {
    return appendOnly && !promoted;
  }
}
