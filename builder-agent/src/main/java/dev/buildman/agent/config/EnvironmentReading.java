package dev.buildman.agent.config;

import java.util.List;

/**
 * The outcome of reading the environment.
 *
 * @param <T> what was read
 */
public sealed interface EnvironmentReading<T> {

  /** All is well. */
  record Valid<T>(T settings) implements EnvironmentReading<T> {}

  /**
   * Something is missing or wrong.
   *
   * @param problems all of them, each a sentence that names the variable and what to do; no values
   *     of secrets
   */
  record Invalid<T>(List<String> problems) implements EnvironmentReading<T> {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
