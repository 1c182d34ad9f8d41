package dev.buildman.orchestrator;

import java.util.Arrays;

/**
 * What a build asks for, as bytes that the orchestrator does not look into; its secrets are sealed.
 */
public final class SealedSpec {
  private final byte[] bytes;

  private SealedSpec(byte[] bytes) {
    this.bytes = bytes;
  }

  public static SealedSpec of(byte[] bytes) {
    return new SealedSpec(bytes.clone());
  }

  /** A copy. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SealedSpec that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length + " bytes";
  }
}
