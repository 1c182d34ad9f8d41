package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ChallengeTest {
  @Test
  void quotedParametersKeepTheirCommasAndEscapes() {
    Challenge challenge =
        Challenge.best(
                List.of(
                    "Bearer realm=\"https://auth/v2?a=1,2\",service=\"a \\\"b\\\"\","
                        + "scope=\"repository:x/y:pull,push\""))
            .orElseThrow();

    assertThat(challenge.scheme()).isEqualTo("bearer");
    assertThat(challenge.parameter("realm")).isEqualTo("https://auth/v2?a=1,2");
    assertThat(challenge.parameter("service")).isEqualTo("a \"b\"");
    assertThat(challenge.parameter("scope")).isEqualTo("repository:x/y:pull,push");
  }

  @Test
  void bearerIsPreferredToBasicWhereverItStands() {
    assertThat(Challenge.best(List.of("Basic realm=\"x\", Bearer realm=\"https://t\"")))
        .hasValueSatisfying(c -> assertThat(c.scheme()).isEqualTo("bearer"));
    assertThat(Challenge.best(List.of("Basic realm=x", "Bearer realm=https://t")))
        .hasValueSatisfying(c -> assertThat(c.parameter("realm")).isEqualTo("https://t"));
  }

  @Test
  void basicIsTakenWhenBearerNamesNoRealm() {
    assertThat(Challenge.best(List.of("Bearer", "BASIC realm=\"r\"")))
        .hasValueSatisfying(c -> assertThat(c.scheme()).isEqualTo("basic"));
  }

  @Test
  void otherSchemesAreNoChallengeForUs() {
    assertThat(Challenge.best(List.of("Negotiate", "Digest realm=\"r\", nonce=\"n\""))).isEmpty();
    assertThat(Challenge.best(List.of("\"\"\"=,,,="))).isEmpty();
  }
}
