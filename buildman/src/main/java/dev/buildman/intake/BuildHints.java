package dev.buildman.intake;

import dev.buildman.model.BuildId;
import dev.buildman.orchestrator.events.EventListener;
import dev.buildman.orchestrator.events.Hint;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Tells those who watch a build in this manager that it may have changed. Hints may be missed and
 * may be wrong. Thread-safe; never blocks.
 */
public final class BuildHints implements EventListener {

  private final Map<String, Set<Semaphore>> watchers = new ConcurrentHashMap<>();

  @Override
  public void hint(Hint hint) {
    wake(watchers.get(hint.build()));
  }

  @Override
  public void expired(BuildId build) {
    // What the expiry leads to is told by a hint of its own.
  }

  @Override
  public void resync() {
    watchers.values().forEach(BuildHints::wake);
  }

  private static void wake(@Nullable Set<Semaphore> waiting) {
    if (waiting != null) {
      waiting.forEach(Semaphore::release);
    }
  }

  void add(BuildId build, Semaphore watcher) {
    watchers.compute(
        build.value(),
        (id, present) -> {
          Set<Semaphore> all = present == null ? ConcurrentHashMap.newKeySet() : present;
          all.add(watcher);
          return all;
        });
  }

  void remove(BuildId build, Semaphore watcher) {
    watchers.computeIfPresent(
        build.value(),
        (id, present) -> {
          present.remove(watcher);
          return present.isEmpty() ? null : present;
        });
  }

  /** Builds that somebody watches. */
  int watched() {
    return watchers.size();
  }
}
