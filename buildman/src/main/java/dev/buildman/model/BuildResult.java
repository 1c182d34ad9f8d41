package dev.buildman.model;

import java.util.List;

/**
 * What a complete build has made, as its agent reported it. Quay's agent reports nothing.
 *
 * @param imageId digest of the image's configuration; empty: unknown
 * @param digests of the manifests that were pushed
 * @param sizeBytes compressed size of all layers; 0: unknown
 * @param baseImage the last stage's base, by digest; empty: none or unknown
 * @param peak the most of each that was used at once
 */
public record BuildResult(
    String imageId, List<String> digests, long sizeBytes, String baseImage, Usage peak) {
  /** Nothing is known. */
  public static final BuildResult UNKNOWN = new BuildResult("", List.of(), 0, "", Usage.UNKNOWN);

  public BuildResult {
    digests = List.copyOf(digests);
  }
}
