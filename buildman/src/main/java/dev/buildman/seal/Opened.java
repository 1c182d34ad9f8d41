package dev.buildman.seal;

import dev.buildman.model.BuildSpec;

/** What opening a stored spec came to. */
public sealed interface Opened {

  /** The spec with its secrets. */
  record Whole(BuildSpec spec) implements Opened {}

  /**
   * A secret does not open: its key was rotated away, or the stored value was changed.
   *
   * @param field the secret's place in the spec, such as {@code push.password}
   */
  record SecretGone(String field) implements Opened {}

  /** The stored bytes are no spec. */
  record Broken() implements Opened {}
}
