package dev.buildman.config;

/**
 * One thing that a person has to look at in the configuration.
 *
 * @param at where
 * @param path the key's full path, for example {@code BUILD_MANAGER[1].EXECUTORS[0].NAME}; empty
 *     when the whole file is meant
 * @param message what is wrong, what is allowed, what to do; never holds a secret's value
 */
public record Problem(Position at, String path, String message) {

  /** One line: position, path, message. */
  @Override
  public String toString() {
    return at + ": " + (path.isEmpty() ? "" : path + ": ") + message;
  }
}
