package dev.buildman.agent.config;

import java.util.List;

/** The outcome of reading the environment. */
public sealed interface EnvironmentReading {

  /** All is well. */
  record Valid(AgentSettings settings) implements EnvironmentReading {}

  /**
   * Something is missing or wrong.
   *
   * @param problems all of them, each a sentence that names the variable and what to do; no values
   *     of secrets
   */
  record Invalid(List<String> problems) implements EnvironmentReading {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
