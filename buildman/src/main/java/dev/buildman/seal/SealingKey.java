package dev.buildman.seal;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * One AES-256 key derived from one of the installation's secrets, with the id by which a sealed
 * value names it.
 *
 * <p>The id is derived too (with another label), so managers agree on it without sharing anything
 * but the secret, and it tells nothing about the key.
 */
final class SealingKey {

  /** Bytes of a key id inside a sealed value. */
  static final int ID_BYTES = 4;

  // The salt and the labels are part of the stored format: other values make every sealed secret
  // unreadable.
  private static final byte[] SALT = "buildman".getBytes(StandardCharsets.US_ASCII);
  private static final String KEY_LABEL = "buildman seal aes-256-gcm v1";
  private static final String ID_LABEL = "buildman seal kid v1";

  private final byte[] id;
  private final SecretKey key;

  private SealingKey(byte[] id, SecretKey key) {
    this.id = id;
    this.key = key;
  }

  static SealingKey derive(byte[] secret) {
    try {
      KDF hkdf = KDF.getInstance("HKDF-SHA256");
      SecretKey key = hkdf.deriveKey("AES", parameters(secret, KEY_LABEL, 32));
      byte[] id = hkdf.deriveData(parameters(secret, ID_LABEL, ID_BYTES));
      return new SealingKey(id, key);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
    }
  }

  private static HKDFParameterSpec parameters(byte[] secret, String label, int bytes) {
    return HKDFParameterSpec.ofExtract()
        .addIKM(secret)
        .addSalt(SALT)
        .thenExpand(label.getBytes(StandardCharsets.US_ASCII), bytes);
  }

  byte[] id() {
    return id.clone();
  }

  boolean hasId(byte[] other) {
    return Arrays.equals(id, other);
  }

  SecretKey key() {
    return key;
  }

  @Override
  public String toString() {
    return "SealingKey[" + HexFormat.of().formatHex(id) + "]";
  }
}
