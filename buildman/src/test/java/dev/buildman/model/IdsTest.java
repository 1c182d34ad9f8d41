package dev.buildman.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdsTest {
  @Test
  void attemptAndNonceReadWhatTheyWrite() {
    AttemptId attempt = new AttemptId(BuildId.random(), 7);
    assertThat(AttemptId.parse(attempt.toString())).isEqualTo(attempt);
    Nonce nonce = Nonce.of(new ManagerId("m-1"), 42, new byte[16]);
    assertThat(Nonce.parse(nonce.toString())).isEqualTo(nonce);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0B6C7D3E-1111-4222-8333-444455556666", "../../etc"})
  void aBuildIdIsALowerCaseUuid(String text) {
    assertThatThrownBy(() -> new BuildId(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("UUID in lower case");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "Acme/web", "a/b/c", "a-b/c__d", "a/b---c.d_e"})
  void aRepositoryHasANamespaceAndAName(String text) {
    assertThat(RepositoryName.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "a/", "/b", "a/B", "a/b//c", "a/b/../c", "a/-b", "a b/c", "a/b:1"})
  void aMalformedRepositoryIsRefused(String text) {
    assertThatThrownBy(() -> RepositoryName.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aSecretShowsNothing() {
    Secret secret = Secret.of("canary");
    assertThat(secret.toString()).doesNotContain("canary");
    assertThat(new Credentials("joe", secret).toString()).doesNotContain("canary");
    assertThat(secret).isEqualTo(Secret.of("canary")).isNotEqualTo(Secret.of("other"));
  }
}
