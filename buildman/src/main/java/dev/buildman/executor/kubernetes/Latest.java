package dev.buildman.executor.kubernetes;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is remembered of the latest workers, by the names of their Jobs: of the oldest it is
 * forgotten. Safe for any thread.
 */
final class Latest<V> {
  // A duty that waits for its worker's end waits for seconds: far more than end meanwhile.
  private static final int KEPT = 5_000;

  private final Map<String, V> values =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
              return size() > KEPT;
            }
          });

  void put(String job, V value) {
    values.put(job, value);
  }

  Optional<V> of(String job) {
    return Optional.ofNullable(values.get(job));
  }
}
