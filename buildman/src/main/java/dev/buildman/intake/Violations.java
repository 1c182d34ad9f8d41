package dev.buildman.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects everything that is wrong with one request. For one thread. */
final class Violations {

  private final List<Violation> found = new ArrayList<>();

  void add(String field, String text) {
    found.add(new Violation(field, text));
  }

  /** Adds a violation unless the condition holds. */
  void require(boolean condition, String field, String text) {
    if (!condition) {
      add(field, text);
    }
  }

  /**
   * The value, or null with a violation when its constructor refuses it: the message of the model's
   * own check is for people.
   */
  <T> @Nullable T parse(String field, Supplier<T> constructor) {
    try {
      return constructor.get();
    } catch (IllegalArgumentException e) {
      add(field, String.valueOf(e.getMessage()));
      return null;
    }
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  List<Violation> all() {
    return List.copyOf(found);
  }
}
