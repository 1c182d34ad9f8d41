package dev.buildman.executor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputMaskTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token eyJhbGciOiJSUzI1NiJ9.eyJzZWNyZXQiOjF9.sEcReT-sig_nature",
        "pushing with push_token: sEcReT-sig",
        "cloning https://someone:sEcReT-sig@git.example.com/x.git",
        "Authorization: Bearer sEcReT-sig",
        "{\"password\": \"sEcReT-sig\", \"user\": \"u\"}",
        "the exact one: opaque-sEcReT-sig-thing"
      })
  void masksSecrets(String line) {
    assertThat(OutputMask.mask(line, "opaque-sEcReT-sig-thing"))
        .doesNotContain("sEcReT-sig")
        .contains("***");
  }

  @Test
  void leavesOrdinaryLinesAlone() {
    assertThat(OutputMask.mask("exit status 1 at https://example.com/x", ""))
        .isEqualTo("exit status 1 at https://example.com/x");
  }

  @Test
  void dropsTerminalEscapesAndCutsLongLines() {
    assertThat(OutputMask.mask("\u001b[31mred\u001b[0m", "")).isEqualTo("red");
    assertThat(OutputMask.mask("x".repeat(1000), "")).hasSize(503).endsWith("...");
  }
}
