package dev.buildman.seal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Seals values with AES-256-GCM under the installation's newest key, and opens what any of its keys
 * has sealed.
 *
 * <p>A sealed value is bound to its place: it opens only for the same build id and field, so nobody
 * who can write to Redis can move a secret of one build into a build of theirs. Layout: version (1
 * byte), key id (4), nonce (12), ciphertext and tag (16).
 *
 * <p>Nonces are random, which is safe for 2^32 values per key. Safe for use by many threads.
 */
public final class Sealer {

  private static final byte VERSION = 1;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final int HEADER_BYTES = 1 + SealingKey.ID_BYTES + NONCE_BYTES;

  private final List<SealingKey> keys;
  private final SecureRandom random;

  private Sealer(List<SealingKey> keys, SecureRandom random) {
    this.keys = keys;
    this.random = random;
  }

  /**
   * A sealer over the installation's secrets.
   *
   * @param secrets the raw secrets, newest first; the first seals, all of them open
   * @throws IllegalArgumentException when there is none, or one is empty
   */
  public static Sealer of(List<byte[]> secrets) {
    if (secrets.isEmpty()) {
      throw new IllegalArgumentException("a sealer needs at least one secret key");
    }
    for (byte[] secret : secrets) {
      if (secret.length == 0) {
        throw new IllegalArgumentException("a secret key is empty");
      }
    }
    return new Sealer(secrets.stream().map(SealingKey::derive).toList(), new SecureRandom());
  }

  /** Seals {@code plain} for one field of one build. */
  public byte[] seal(String buildId, String field, byte[] plain) {
    SealingKey newest = keys.getFirst();
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      Cipher cipher = cipher(Cipher.ENCRYPT_MODE, newest, nonce, buildId, field);
      byte[] sealed = cipher.doFinal(plain);
      return ByteBuffer.allocate(HEADER_BYTES + sealed.length)
          .put(VERSION)
          .put(newest.id())
          .put(nonce)
          .put(sealed)
          .array();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot seal a field: field=" + field, e);
    }
  }

  /**
   * Opens what {@link #seal} made for the same build and field.
   *
   * @return empty when none of the keys opens it: sealed under a key that was rotated away, for
   *     another place, or changed since
   */
  public Optional<byte[]> open(String buildId, String field, byte[] sealed) {
    if (sealed.length < HEADER_BYTES + TAG_BITS / 8 || sealed[0] != VERSION) {
      return Optional.empty();
    }
    byte[] id = Arrays.copyOfRange(sealed, 1, 1 + SealingKey.ID_BYTES);
    byte[] nonce = Arrays.copyOfRange(sealed, 1 + SealingKey.ID_BYTES, HEADER_BYTES);
    for (SealingKey key : keys) {
      if (key.hasId(id)) {
        return open(key, nonce, buildId, field, sealed);
      }
    }
    return Optional.empty();
  }

  private static Optional<byte[]> open(
      SealingKey key, byte[] nonce, String buildId, String field, byte[] sealed) {
    try {
      Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce, buildId, field);
      return Optional.of(cipher.doFinal(sealed, HEADER_BYTES, sealed.length - HEADER_BYTES));
    } catch (AEADBadTagException e) {
      return Optional.empty();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("cannot open a sealed field: field=" + field, e);
    }
  }

  private static Cipher cipher(int mode, SealingKey key, byte[] nonce, String buildId, String field)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key.key(), new GCMParameterSpec(TAG_BITS, nonce));
    // Lengths first: "ab"+"c" and "a"+"bc" must not be the same place.
    byte[] build = buildId.getBytes(StandardCharsets.UTF_8);
    byte[] name = field.getBytes(StandardCharsets.UTF_8);
    cipher.updateAAD(
        ByteBuffer.allocate(8 + build.length + name.length)
            .putInt(build.length)
            .put(build)
            .putInt(name.length)
            .put(name)
            .array());
    return cipher;
  }

  @Override
  public String toString() {
    return "Sealer" + keys;
  }
}
