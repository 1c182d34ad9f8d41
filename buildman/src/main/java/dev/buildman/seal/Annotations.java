package dev.buildman.seal;

import java.util.Map;

/**
 * What a client wants back with its build, and nobody else reads.
 *
 * @param foreignId the client's own name of the build; empty: none
 */
public record Annotations(String foreignId, Map<String, String> metadata) {

  /** Nothing. */
  public static final Annotations NONE = new Annotations("", Map.of());

  public Annotations {
    metadata = Map.copyOf(metadata);
  }
}
