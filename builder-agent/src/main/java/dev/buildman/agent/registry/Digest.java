package dev.buildman.agent.registry;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The content address of a blob or manifest. Only the two registered algorithms that registries use
 * exist here, so that whatever parses can also be verified.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex lower-case hex of that algorithm's length
 */
public record Digest(String algorithm, String hex) {
  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final Pattern SHA512 = Pattern.compile("[0-9a-f]{128}");

  /** Checks both parts; throws {@link IllegalArgumentException} with the value at fault. */
  public Digest {
    Pattern shape =
        switch (algorithm) {
          case "sha256" -> SHA256;
          case "sha512" -> SHA512;
          default ->
              throw new IllegalArgumentException(
                  "digest algorithm is neither sha256 nor sha512: " + algorithm);
        };
    if (!shape.matcher(hex).matches()) {
      throw new IllegalArgumentException("not the hex digits of a " + algorithm + ": " + hex);
    }
  }

  /** Parses {@code algorithm:hex}; throws {@link IllegalArgumentException} when it is not one. */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("a digest reads sha256:<64 hex digits>, not: " + text);
    }
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  /** The sha256 digest of these bytes. */
  public static Digest of(byte[] bytes) {
    return ofHash(newHash("sha256").digest(bytes));
  }

  /** A fresh hash of this digest's algorithm, to verify content against it. */
  public MessageDigest newHash() {
    return newHash(algorithm);
  }

  /** Whether the finished hash of content is this digest; resets the hash. */
  public boolean isOf(MessageDigest hash) {
    return HexFormat.of().formatHex(hash.digest()).equals(hex);
  }

  /** Whether these bytes have this digest. */
  public boolean matches(byte[] bytes) {
    MessageDigest hash = newHash();
    hash.update(bytes);
    return isOf(hash);
  }

  private static Digest ofHash(byte[] sha256) {
    return new Digest("sha256", HexFormat.of().formatHex(sha256));
  }

  private static MessageDigest newHash(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
