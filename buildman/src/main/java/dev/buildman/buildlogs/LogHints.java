package dev.buildman.buildlogs;

import dev.buildman.model.BuildId;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * Tells readers in this manager that a log has grown, so that they need not wait for their next
 * look. Hints may be missed and may be wrong. Thread-safe.
 */
public final class LogHints {
  private final Map<BuildId, Set<Semaphore>> readers = new ConcurrentHashMap<>();

  /** A log has grown, or has ended. Costs one look-up when nobody reads. */
  public void grown(BuildId build) {
    Set<Semaphore> waiting = readers.get(build);
    if (waiting != null) {
      waiting.forEach(Semaphore::release);
    }
  }

  void add(BuildId build, Semaphore reader) {
    readers.compute(
        build,
        (id, present) -> {
          Set<Semaphore> all = present == null ? ConcurrentHashMap.newKeySet() : present;
          all.add(reader);
          return all;
        });
  }

  void remove(BuildId build, Semaphore reader) {
    readers.computeIfPresent(
        build,
        (id, present) -> {
          present.remove(reader);
          return present.isEmpty() ? null : present;
        });
  }

  /** Builds that somebody follows. */
  int followed() {
    return readers.size();
  }
}
