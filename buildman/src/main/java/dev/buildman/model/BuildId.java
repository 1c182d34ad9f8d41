package dev.buildman.model;

import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The identity of a build: a UUID in lower case, made by the client or by the manager.
 *
 * @param value the canonical text form, 36 characters
 */
public record BuildId(String value) implements Comparable<BuildId> {
  private static final Pattern FORM =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");

  /** Throws IllegalArgumentException with a sentence for people when the form is wrong. */
  public BuildId {
    Text.matching(value, FORM, "build id", "it must be a UUID in lower case");
  }

  /** A new random id. */
  public static BuildId random() {
    return new BuildId(UUID.randomUUID().toString());
  }

  @Override
  public int compareTo(BuildId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
