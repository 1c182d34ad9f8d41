package dev.buildman.agent.registry;

import org.jspecify.annotations.Nullable;

/**
 * What a manifest says of one of its parts.
 *
 * @param mediaType one of {@link MediaTypes}, or whatever the manifest names
 * @param digest its content's address
 * @param size bytes, never negative
 * @param platform only in an index: what the image runs on
 */
public record Descriptor(String mediaType, Digest digest, long size, @Nullable Platform platform) {
  /** Refuses a negative size. */
  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("a size below zero: " + size + " of " + digest);
    }
  }

  /** A part without a platform. */
  public Descriptor(String mediaType, Digest digest, long size) {
    this(mediaType, digest, size, null);
  }
}
