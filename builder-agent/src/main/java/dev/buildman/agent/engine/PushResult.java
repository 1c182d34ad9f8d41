package dev.buildman.agent.engine;

import java.util.List;

/**
 * What was pushed.
 *
 * @param imageId digest of the configuration, {@code sha256:<hex>}
 * @param digests of the manifests that the registry serves under the tags, without repeats
 * @param sizeBytes compressed layers and configuration together
 */
public record PushResult(String imageId, List<String> digests, long sizeBytes) {

  public PushResult {
    digests = List.copyOf(digests);
  }
}
