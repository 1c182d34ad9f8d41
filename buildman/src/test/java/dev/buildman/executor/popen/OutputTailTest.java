package dev.buildman.executor.popen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputTailTest {

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
    assertThat(OutputTail.mask(line, "opaque-sEcReT-sig-thing"))
        .doesNotContain("sEcReT-sig")
        .contains("***");
  }

  @Test
  void leavesOrdinaryLinesAlone() {
    assertThat(OutputTail.mask("exit status 1 at https://example.com/x", ""))
        .isEqualTo("exit status 1 at https://example.com/x");
  }

  @Test
  void dropsTerminalEscapesAndCutsLongLines() {
    assertThat(OutputTail.mask("\u001b[31mred\u001b[0m", "")).isEqualTo("red");
    assertThat(OutputTail.mask("x".repeat(1000), "")).hasSize(503).endsWith("...");
  }
}
