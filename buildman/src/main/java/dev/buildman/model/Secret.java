package dev.buildman.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A value that nobody may see by accident: its text form is three stars. */
public final class Secret {
  /** The empty secret: none was given. */
  public static final Secret NONE = new Secret("");

  private final String value;

  private Secret(String value) {
    this.value = value;
  }

  public static Secret of(String value) {
    return value.isEmpty() ? NONE : new Secret(value);
  }

  /** A secret that may be no text: {@link #reveal} has one character for each byte. */
  public static Secret ofBytes(byte[] value) {
    return of(new String(value, StandardCharsets.ISO_8859_1));
  }

  /** The value of a secret that was made of bytes. */
  public byte[] revealBytes() {
    return value.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The value itself; for the one place that needs it. */
  public String reveal() {
    return value;
  }

  public boolean isEmpty() {
    return value.isEmpty();
  }

  /** Compares in a time that tells nothing about the value. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Secret that
        && MessageDigest.isEqual(
            value.getBytes(StandardCharsets.UTF_8), that.value.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return isEmpty() ? "" : "***";
  }
}
