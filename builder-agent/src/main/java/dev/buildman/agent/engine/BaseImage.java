package dev.buildman.agent.engine;

/**
 * A base image as it was pulled.
 *
 * @param reference as in the Dockerfile, variables replaced
 * @param digest of its manifest for the platform of the build, {@code sha256:<hex>}
 * @param imageId digest of its configuration, {@code sha256:<hex>}
 */
public record BaseImage(String reference, String digest, String imageId) {

  /** The reference with the digest that it named: {@code quay.io/a/b:1@sha256:...}. */
  public String pinned() {
    return reference.contains("@") ? reference : reference + "@" + digest;
  }
}
