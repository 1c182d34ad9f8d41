package dev.buildman.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import dev.buildman.model.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import org.jspecify.annotations.Nullable;

/** The HS256 keys of an installation, made from its secrets by HKDF; thread-safe. */
final class SigningKeys {
  /** HS256 wants a key as long as its hash. */
  private static final int KEY_BYTES = 32;

  /** Enough to tell the keys of one installation apart, and tells nothing about the key. */
  private static final int KEY_ID_BYTES = 8;

  private final String newest;
  private final MACSigner signer;
  private final Map<String, MACVerifier> verifiers = new LinkedHashMap<>();

  /**
   * @param secrets newest first, none empty
   */
  SigningKeys(List<Secret> secrets) {
    try {
      newest = keyId(secrets.getFirst());
      signer = new MACSigner(key(secrets.getFirst()));
      for (Secret secret : secrets) {
        verifiers.put(keyId(secret), new MACVerifier(key(secret)));
      }
    } catch (JOSEException | GeneralSecurityException e) {
      throw new IllegalStateException("the token keys cannot be derived from SECRET_KEY", e);
    }
  }

  /** The id of the key that signs. */
  String newest() {
    return newest;
  }

  MACSigner signer() {
    return signer;
  }

  @Nullable MACVerifier verifier(String keyId) {
    return verifiers.get(keyId);
  }

  private static SecretKey key(Secret secret) throws GeneralSecurityException {
    return kdf().deriveKey("HmacSHA256", parameters(secret, "buildman tokens HS256", KEY_BYTES));
  }

  private static String keyId(Secret secret) throws GeneralSecurityException {
    byte[] id = kdf().deriveData(parameters(secret, "buildman tokens kid", KEY_ID_BYTES));
    return HexFormat.of().formatHex(id);
  }

  private static KDF kdf() throws GeneralSecurityException {
    return KDF.getInstance("HKDF-SHA256");
  }

  /** The purpose is in the info, so that no two purposes ever share a key. */
  private static HKDFParameterSpec parameters(Secret secret, String purpose, int bytes) {
    return HKDFParameterSpec.ofExtract()
        .addIKM(secret.reveal().getBytes(StandardCharsets.UTF_8))
        .thenExpand(purpose.getBytes(StandardCharsets.UTF_8), bytes);
  }
}
