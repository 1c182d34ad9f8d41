package dev.buildman.agent.source;

import org.jspecify.annotations.Nullable;

/**
 * What a build needs of its source.
 *
 * @param location where it is
 * @param context folder inside of the source that becomes the context; empty or {@code /}: all
 * @param dockerfilePath the Dockerfile; empty: {@code Dockerfile} in the context; a folder: the
 *     {@code Dockerfile} in it
 * @param dockerfileFrom where that path begins; the other one is tried when there is no such file
 * @param inlineDockerfile a Dockerfile instead of one in the source; null: none
 */
public record SourceRequest(
    SourceLocation location,
    String context,
    String dockerfilePath,
    PathOrigin dockerfileFrom,
    @Nullable String inlineDockerfile) {

  /** Where a Dockerfile's path begins. */
  public enum PathOrigin {
    /** At the source's own top, as our manager sends it. */
    SOURCE,
    /** In the context, as Quay's manager sends it. */
    CONTEXT
  }
}
