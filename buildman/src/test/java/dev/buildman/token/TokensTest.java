package dev.buildman.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.PlainHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.JobRef;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.Secret;
import dev.buildman.model.SessionRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokensTest {
  private static final Secret OLD_KEY = Secret.of("the first secret of this installation");
  private static final Secret NEW_KEY = Secret.of("the secret that replaced it");
  private static final Duration LIFE = Duration.ofMinutes(10);
  private static final BuildId BUILD = BuildId.random();
  private static final ExecutorName EXECUTOR = new ExecutorName("popen");
  private static final Nonce NONCE = Nonce.of(new ManagerId("m1"), 7, new byte[16]);
  private static final Grant.Registration REGISTRATION =
      new Grant.Registration(new JobRef(new AttemptId(BUILD, 2), NONCE), EXECUTOR);
  private static final Grant.Job JOB =
      new Grant.Job(new SessionRef(new AttemptId(BUILD, 2), 5, NONCE), EXECUTOR, AgentKind.QUAY);

  private Instant now = Instant.parse("2026-01-02T03:04:05Z");

  private Tokens tokens(String audience, Secret... keys) {
    return new Tokens(new TokenSettings(List.of(keys), "builds.example", audience), () -> now);
  }

  private final Tokens tokens = tokens("builds.example:55443", OLD_KEY);

  @Test
  void aTokenGivesBackWhatItWasMintedFor() {
    assertThat(tokens.registration(tokens.mint(REGISTRATION, LIFE)))
        .isEqualTo(new Verified.Valid<>(REGISTRATION));
    assertThat(tokens.job(tokens.mint(JOB, LIFE))).isEqualTo(new Verified.Valid<>(JOB));
  }

  @Test
  void itsClaimsAreThoseOfQuayWithOursBeside() throws Exception {
    SignedJWT token = SignedJWT.parse(tokens.mint(JOB, LIFE));

    assertThat(token.getHeader().getAlgorithm()).isEqualTo(JWSAlgorithm.HS256);
    assertThat(token.getHeader().getKeyID()).hasSize(16);
    JWTClaimsSet claims = token.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("builds.example");
    assertThat(claims.getAudience()).containsExactly("builds.example:55443");
    assertThat(claims.getSubject()).isEqualTo("(anonymous)");
    assertThat(claims.getExpirationTime()).isEqualTo(Date.from(now.plus(LIFE)));
    assertThat(claims.getJSONObjectClaim("context"))
        .isEqualTo(
            Map.of(
                "token_type",
                "build_job_token",
                "build_id",
                BUILD.value(),
                "job_id",
                "building/" + BUILD,
                "expiration",
                600L,
                "executor",
                "popen",
                "attempt",
                2L,
                "session",
                5L,
                "nonce",
                NONCE.toString(),
                "agent",
                "quay"));
  }

  @Test
  void oneKindIsNotTakenForTheOther() {
    assertThat(tokens.job(tokens.mint(REGISTRATION, LIFE)))
        .isEqualTo(invalid(TokenFault.WRONG_KIND));
    assertThat(tokens.registration(tokens.mint(JOB, LIFE)))
        .isEqualTo(invalid(TokenFault.WRONG_KIND));
  }

  @Test
  void aTokenIsTakenUntilFiveMinutesAfterItsEnd() {
    String token = tokens.mint(JOB, LIFE);

    now = now.plus(LIFE).plus(Duration.ofMinutes(5));
    assertThat(tokens.job(token)).isEqualTo(new Verified.Valid<>(JOB));
    now = now.plusSeconds(1);
    assertThat(tokens.job(token)).isEqualTo(invalid(TokenFault.EXPIRED));
    assertThat(tokens("builds.example:55443", OLD_KEY).job(token))
        .as("the same for a manager that never saw it")
        .isEqualTo(invalid(TokenFault.EXPIRED));
  }

  @Test
  void anyChangedByteMakesItForged() {
    String token = tokens.mint(JOB, LIFE);
    int signature = token.lastIndexOf('.') + 1;

    for (int at : new int[] {token.indexOf('.') + 5, signature, signature + 20}) {
      char other = token.charAt(at) == 'A' ? 'B' : 'A';
      String forged = token.substring(0, at) + other + token.substring(at + 1);
      assertThat(tokens.job(forged)).isInstanceOf(Verified.Invalid.class);
    }
  }

  @Test
  void aTokenOfAnotherManagerIsForeign() {
    assertThat(tokens("elsewhere:1", OLD_KEY).job(tokens.mint(JOB, LIFE)))
        .isEqualTo(invalid(TokenFault.FOREIGN));
  }

  @Test
  void anOlderKeyVerifiesWhileTheNewestSigns() {
    Tokens rotated = tokens("builds.example:55443", NEW_KEY, OLD_KEY);

    assertThat(rotated.job(tokens.mint(JOB, LIFE))).isEqualTo(new Verified.Valid<>(JOB));
    assertThat(tokens.job(rotated.mint(JOB, LIFE))).isEqualTo(invalid(TokenFault.UNKNOWN_KEY));
  }

  @Test
  void anUnsignedTokenProvesNothing() throws Exception {
    JWTClaimsSet claims = SignedJWT.parse(tokens.mint(JOB, LIFE)).getJWTClaimsSet();

    assertThat(tokens.job(new PlainJWT(new PlainHeader(), claims).serialize()))
        .isEqualTo(invalid(TokenFault.MALFORMED));
  }

  @Test
  void theSecretItselfIsNotTheKey() throws Exception {
    SignedJWT honest = SignedJWT.parse(tokens.mint(JOB, LIFE));
    var forged =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(honest.getHeader().getKeyID()).build(),
            honest.getJWTClaimsSet());
    forged.sign(new MACSigner(Arrays.copyOf(OLD_KEY.reveal().getBytes("UTF-8"), 32)));

    assertThat(tokens.job(forged.serialize())).isEqualTo(invalid(TokenFault.FORGED));
  }

  @Test
  void whatIsNoTokenIsMalformed() {
    for (String text : List.of("", "x", "a.b.c", "...", "x".repeat(5_000), "JOB-JWT-1")) {
      assertThat(tokens.job(text)).isEqualTo(invalid(TokenFault.MALFORMED));
      assertThat(tokens.registration(text)).isEqualTo(invalid(TokenFault.MALFORMED));
    }
  }

  @Test
  void withoutASecretNothingIsSigned() {
    assertThatThrownBy(() -> new TokenSettings(List.of(), "", "h"))
        .hasMessageContaining("SECRET_KEY");
    assertThatThrownBy(() -> new TokenSettings(List.of(Secret.NONE), "", "h"))
        .hasMessageContaining("SECRET_KEY");
  }

  @Test
  void settingsShowNoSecret() {
    assertThat(new TokenSettings(List.of(OLD_KEY), "", "h").toString())
        .contains("quay")
        .doesNotContain(OLD_KEY.reveal());
  }

  private static <G extends Grant> Verified<G> invalid(TokenFault fault) {
    return new Verified.Invalid<>(fault);
  }
}
