package dev.buildman.sources;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The sha256 of a source's bytes: its name everywhere.
 *
 * @param hex 64 lower-case hex digits
 */
public record SourceDigest(String hex) {

  private static final String PREFIX = "sha256:";
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  /** Checks the digits, as they become part of a file's path. */
  public SourceDigest {
    if (!HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException("not 64 lower-case hex digits");
    }
  }

  /** Reads {@code sha256:<hex>}; empty when it is anything else. */
  public static Optional<SourceDigest> parse(String text) {
    if (!text.startsWith(PREFIX)) {
      return Optional.empty();
    }
    return parseHex(text.substring(PREFIX.length()));
  }

  static Optional<SourceDigest> parseHex(String hex) {
    return HEX.matcher(hex).matches() ? Optional.of(new SourceDigest(hex)) : Optional.empty();
  }

  /** The digest of these bytes. */
  public static SourceDigest of(byte[] content) {
    return new SourceDigest(HexFormat.of().formatHex(sha256().digest(content)));
  }

  static SourceDigest finish(MessageDigest digest) {
    return new SourceDigest(HexFormat.of().formatHex(digest.digest()));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no SHA-256", e);
    }
  }

  /** {@code sha256:<hex>}. */
  @Override
  public String toString() {
    return PREFIX + hex;
  }
}
