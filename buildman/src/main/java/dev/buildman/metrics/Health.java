package dev.buildman.metrics;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Whether this manager can do its work, and what stands in its way. Checks must answer at once:
 * they look at what is known, they do not find out. Thread-safe.
 */
public final class Health {
  private final Map<String, Supplier<Optional<String>>> checks = new ConcurrentHashMap<>();

  /**
   * Adds something that has to be well.
   *
   * @param name a short word, such as {@code redis}
   * @param trouble empty: all is well; else a sentence: what is wrong, and what to do
   */
  public void check(String name, Supplier<Optional<String>> trouble) {
    checks.put(name, trouble);
  }

  /** What is wrong now, by name of the check, in order of names; empty: ready. */
  public Map<String, String> troubles() {
    Map<String, String> troubles = new LinkedHashMap<>();
    checks.keySet().stream().sorted().forEach(name -> look(name, troubles));
    return troubles;
  }

  private void look(String name, Map<String, String> troubles) {
    Supplier<Optional<String>> check = checks.get(name);
    if (check == null) {
      return;
    }
    try {
      check.get().ifPresent(trouble -> troubles.put(name, trouble));
    } catch (RuntimeException e) {
      troubles.put(name, "the check itself failed: " + e.getClass().getSimpleName());
    }
  }
}
