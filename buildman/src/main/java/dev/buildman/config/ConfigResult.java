package dev.buildman.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;

/**
 * What reading a configuration file came to.
 *
 * @param <T> the settings that were parsed from it
 */
public sealed interface ConfigResult<T> {

  /** Things worth a look that do not stop anything. */
  List<Problem> warnings();

  /**
   * A configuration without a problem.
   *
   * @param keys the path of every key that the parser knows, with {@code []} for a list's index
   * @param values a digest of each value that was read, by its path: two readings can be compared
   *     without keeping secrets
   * @param files the file itself and every other file whose text became a value
   */
  record Valid<T>(
      T value,
      List<Problem> warnings,
      SortedSet<String> keys,
      Map<String, String> values,
      List<Path> files)
      implements ConfigResult<T> {}

  /** A configuration with at least one problem; all of them are listed, in the file's order. */
  record Invalid<T>(List<Problem> problems, List<Problem> warnings, SortedSet<String> keys)
      implements ConfigResult<T> {}

  /**
   * The settings.
   *
   * @throws ConfigInvalid when there are problems
   */
  default T orThrow() {
    return switch (this) {
      case Valid<T> valid -> valid.value();
      case Invalid<T> invalid -> throw new ConfigInvalid(invalid.problems());
    };
  }
}
