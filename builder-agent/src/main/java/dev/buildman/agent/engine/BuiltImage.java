package dev.buildman.agent.engine;

/**
 * The image before its push.
 *
 * @param imageId digest of its configuration, {@code sha256:<hex>}
 * @param layers number of layers
 */
public record BuiltImage(String imageId, int layers) {}
