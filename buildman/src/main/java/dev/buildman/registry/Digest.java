package dev.buildman.registry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of content by its hash.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex lower-case hex digits
 */
record Digest(String algorithm, String hex) {

  private static final Pattern SHA256 = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern SHA512 = Pattern.compile("sha512:[0-9a-f]{128}");

  /**
   * Reads {@code algorithm:hex}.
   *
   * @throws RegistryFault when it is none
   */
  static Digest parse(String text) {
    if (!SHA256.matcher(text).matches() && !SHA512.matcher(text).matches()) {
      throw new RegistryFault(RegistryFault.Code.DIGEST_INVALID, "not a sha256 or sha512 digest");
    }
    return new Digest(text.substring(0, 6), text.substring(7));
  }

  /** Hashes content by the same algorithm. */
  Digest of(byte[] content) {
    return new Digest(algorithm, HexFormat.of().formatHex(hasher().digest(content)));
  }

  /** Hashes a file by the same algorithm. */
  Digest of(Path file) throws IOException {
    MessageDigest hasher = hasher();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hasher.update(buffer, 0, read);
      }
    }
    return new Digest(algorithm, HexFormat.of().formatHex(hasher.digest()));
  }

  static Digest sha256(byte[] content) {
    return new Digest("sha256", "").of(content);
  }

  private MessageDigest hasher() {
    try {
      return MessageDigest.getInstance(algorithm.equals("sha256") ? "SHA-256" : "SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256 and SHA-512", e);
    }
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
