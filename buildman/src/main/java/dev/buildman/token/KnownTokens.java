package dev.buildman.token;

import java.time.Instant;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Tokens whose signature was checked before, so that a heartbeat costs no cryptography. Bounded:
 * two generations, the older one is dropped when the younger one is full, and what is still in use
 * moves on to the younger one. Only valid tokens get in, so that nobody can flush it with forged
 * ones. Thread-safe.
 */
final class KnownTokens {
  /** A verified grant and when its token expires. */
  record Known(Grant.Job grant, Instant expires) {}

  private final int generationSize;
  private volatile ConcurrentHashMap<String, Known> young = new ConcurrentHashMap<>();
  private volatile ConcurrentHashMap<String, Known> old = new ConcurrentHashMap<>();

  KnownTokens(int generationSize) {
    this.generationSize = generationSize;
  }

  @Nullable Known find(String token) {
    Known known = young.get(token);
    if (known == null) {
      known = old.get(token);
      if (known != null) {
        put(token, known);
      }
    }
    return known;
  }

  void put(String token, Known known) {
    if (young.size() >= generationSize) {
      turn();
    }
    young.put(token, known);
  }

  int size() {
    return young.size() + old.size();
  }

  private synchronized void turn() {
    if (young.size() >= generationSize) {
      old = young;
      young = new ConcurrentHashMap<>();
    }
  }
}
