package dev.buildman.sources;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;

/**
 * Makes and checks the URLs by which an agent fetches an uploaded source.
 *
 * <p>The signature binds the source, the build, the attempt and an expiry, under a key derived from
 * the installation's secret; any manager of the installation serves what another has signed. Safe
 * for use by many threads.
 */
public final class SourceUrls {

  /** Path below which sources are served. */
  static final String PATH = "/sources/";

  private static final String LABEL = "buildman source url hmac-sha256 v1";

  private final URI base;
  private final List<SecretKey> keys;
  private final InstantSource clock;

  /**
   * URLs below {@code base}.
   *
   * @param base scheme, host and port that agents reach
   * @param secrets of the installation, newest first; the first signs, all of them check
   */
  public SourceUrls(URI base, List<byte[]> secrets, InstantSource clock) {
    this.base = base;
    this.keys = secrets.stream().map(SourceUrls::derive).toList();
    this.clock = clock;
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("signed URLs need at least one secret key");
    }
  }

  /**
   * Who may fetch what, until when.
   *
   * @param expires the end of the job's longest life; whole seconds
   */
  public record Grant(SourceDigest digest, String buildId, int attempt, Instant expires) {}

  /** The URL of a grant. It is a secret until it expires. */
  public URI sign(Grant grant) {
    String query =
        "build=%s&attempt=%d&expires=%d&signature=%s"
            .formatted(
                grant.buildId(),
                grant.attempt(),
                grant.expires().getEpochSecond(),
                signature(keys.getFirst(), grant));
    String root = base.toString().replaceAll("/+$", "");
    return URI.create(root + PATH + grant.digest().hex() + "?" + query);
  }

  /**
   * The grant of a requested URL; empty when it was not signed by us, was changed, or has expired.
   */
  Optional<Grant> verify(URI requested) {
    String path = requested.getPath();
    if (path == null || !path.startsWith(PATH) || requested.getRawQuery() == null) {
      return Optional.empty();
    }
    Map<String, String> query = parameters(requested.getRawQuery());
    return SourceDigest.parseHex(path.substring(PATH.length()))
        .flatMap(digest -> grant(digest, query))
        .filter(grant -> isSigned(grant, query.getOrDefault("signature", "")))
        .filter(grant -> clock.instant().isBefore(grant.expires()));
  }

  private static Optional<Grant> grant(SourceDigest digest, Map<String, String> query) {
    try {
      int attempt = Integer.parseInt(query.getOrDefault("attempt", ""));
      long expires = Long.parseLong(query.getOrDefault("expires", ""));
      String build = query.getOrDefault("build", "");
      return Optional.of(new Grant(digest, build, attempt, Instant.ofEpochSecond(expires)));
    } catch (NumberFormatException | java.time.DateTimeException e) {
      return Optional.empty();
    }
  }

  private boolean isSigned(Grant grant, String signature) {
    byte[] given = signature.getBytes(StandardCharsets.UTF_8);
    boolean signed = false;
    for (SecretKey key : keys) {
      byte[] ours = signature(key, grant).getBytes(StandardCharsets.UTF_8);
      signed |= MessageDigest.isEqual(ours, given);
    }
    return signed;
  }

  private static String signature(SecretKey key, Grant grant) {
    String text =
        String.join(
            "\n",
            grant.digest().hex(),
            grant.buildId(),
            Integer.toString(grant.attempt()),
            Long.toString(grant.expires().getEpochSecond()));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      byte[] signed = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(signed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HmacSHA256", e);
    }
  }

  private static SecretKey derive(byte[] secret) {
    try {
      HKDFParameterSpec parameters =
          HKDFParameterSpec.ofExtract()
              .addIKM(secret)
              .addSalt("buildman".getBytes(StandardCharsets.US_ASCII))
              .thenExpand(LABEL.getBytes(StandardCharsets.US_ASCII), 32);
      return KDF.getInstance("HKDF-SHA256").deriveKey("HmacSHA256", parameters);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
    }
  }

  private static Map<String, String> parameters(String rawQuery) {
    Map<String, String> parameters = new HashMap<>();
    for (String pair : rawQuery.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        String value = pair.substring(equals + 1);
        parameters.put(pair.substring(0, equals), URLDecoder.decode(value, StandardCharsets.UTF_8));
      }
    }
    return parameters;
  }
}
