package dev.buildman;

/** What a manager does with its configuration. */
public sealed interface Mode {

  /** Builds. */
  record Work() implements Mode {}

  /**
   * Serves health alone.
   *
   * @param why for a person
   */
  record Idle(String why) implements Mode {}
}
