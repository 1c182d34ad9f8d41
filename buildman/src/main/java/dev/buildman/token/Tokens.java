package dev.buildman.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Mints and verifies agents' tokens: JWT, HS256, key by HKDF from the installation's secret. A
 * token is an outer bound only; the job in Redis is the authority on what its bearer may do now.
 * Thread-safe, does no I/O.
 */
public final class Tokens {
  /** Managers' clocks may differ by this much. */
  static final Duration LEEWAY = Duration.ofMinutes(5);

  /** Longer than any token of ours; what is longer is not even parsed. */
  private static final int MAX_LENGTH = 4096;

  /** Sessions whose token is remembered, times two: some 6 MB at most. */
  private static final int GENERATION = 5_000;

  private final TokenSettings settings;
  private final InstantSource clock;
  private final SigningKeys keys;
  private final KnownTokens known = new KnownTokens(GENERATION);

  public Tokens(TokenSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    this.keys = new SigningKeys(settings.keys());
  }

  /**
   * A token that carries the grant.
   *
   * @param life how long the grant can be of use; whole seconds count
   */
  public String mint(Grant grant, Duration life) {
    var header =
        new JWSHeader.Builder(JWSAlgorithm.HS256)
            .type(JOSEObjectType.JWT)
            .keyID(keys.newest())
            .build();
    var token = new SignedJWT(header, Claims.of(grant, settings, clock.instant(), life));
    try {
      token.sign(keys.signer());
    } catch (JOSEException e) {
      throw new IllegalStateException("a token could not be signed", e);
    }
    return token.serialize();
  }

  /** Looks at a token that should let its bearer register. */
  public Verified<Grant.Registration> registration(String token) {
    return switch (verify(token)) {
      case Checked(Grant.Registration grant, _) -> new Verified.Valid<>(grant);
      case Checked(Grant.Job grant, _) -> new Verified.Invalid<>(TokenFault.WRONG_KIND);
      case Rejected(TokenFault fault) -> new Verified.Invalid<>(fault);
    };
  }

  /** Looks at a job token. Cheap for a token that was seen before. */
  public Verified<Grant.Job> job(String token) {
    KnownTokens.Known seen = known.find(token);
    if (seen != null) {
      return isOver(seen.expires())
          ? new Verified.Invalid<>(TokenFault.EXPIRED)
          : new Verified.Valid<>(seen.grant());
    }
    return switch (verify(token)) {
      case Checked(Grant.Job grant, Instant expires) -> {
        known.put(token, new KnownTokens.Known(grant, expires));
        yield new Verified.Valid<>(grant);
      }
      case Checked(Grant.Registration grant, _) -> new Verified.Invalid<>(TokenFault.WRONG_KIND);
      case Rejected(TokenFault fault) -> new Verified.Invalid<>(fault);
    };
  }

  private sealed interface Look permits Checked, Rejected {}

  private record Checked(Grant grant, Instant expires) implements Look {}

  private record Rejected(TokenFault fault) implements Look {}

  private Look verify(String token) {
    if (token.isEmpty() || token.length() > MAX_LENGTH) {
      return new Rejected(TokenFault.MALFORMED);
    }
    try {
      SignedJWT parsed = SignedJWT.parse(token);
      TokenFault fault = signatureFault(parsed);
      return fault == null ? claims(parsed.getJWTClaimsSet()) : new Rejected(fault);
    } catch (ParseException | IllegalArgumentException | ArithmeticException e) {
      return new Rejected(TokenFault.MALFORMED);
    } catch (JOSEException e) {
      return new Rejected(TokenFault.FORGED);
    }
  }

  /** Null: the signature is right. Only HS256 is taken, whatever the header would like. */
  private @Nullable TokenFault signatureFault(SignedJWT token) throws JOSEException {
    JWSHeader header = token.getHeader();
    String keyId = header.getKeyID();
    if (!JWSAlgorithm.HS256.equals(header.getAlgorithm()) || keyId == null) {
      return TokenFault.MALFORMED;
    }
    MACVerifier verifier = keys.verifier(keyId);
    if (verifier == null) {
      return TokenFault.UNKNOWN_KEY;
    }
    return token.verify(verifier) ? null : TokenFault.FORGED;
  }

  private Look claims(JWTClaimsSet claims) throws ParseException {
    boolean ours =
        claims.getAudience().contains(settings.audience())
            && settings.issuer().equals(claims.getIssuer())
            && Claims.SUBJECT.equals(claims.getSubject());
    if (!ours) {
      return new Rejected(TokenFault.FOREIGN);
    }
    if (claims.getExpirationTime() == null) {
      return new Rejected(TokenFault.MALFORMED);
    }
    Instant expires = claims.getExpirationTime().toInstant();
    return isOver(expires)
        ? new Rejected(TokenFault.EXPIRED)
        : new Checked(Claims.grant(claims), expires);
  }

  private boolean isOver(Instant expires) {
    return clock.instant().isAfter(expires.plus(LEEWAY));
  }
}
