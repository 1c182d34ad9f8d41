package dev.buildman.token;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.AgentKind;
import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.ManagerId;
import dev.buildman.model.Nonce;
import dev.buildman.model.SessionRef;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KnownTokensTest {
  private static final KnownTokens.Known KNOWN =
      new KnownTokens.Known(
          new Grant.Job(
              new SessionRef(
                  new AttemptId(BuildId.random(), 1),
                  1,
                  Nonce.of(new ManagerId("m"), 1, new byte[16])),
              new ExecutorName("popen"),
              AgentKind.OURS),
          Instant.EPOCH);

  private final KnownTokens tokens = new KnownTokens(10);

  @Test
  void itNeverHoldsMoreThanTwoGenerations() {
    for (int i = 0; i < 1_000; i++) {
      tokens.put("token " + i, KNOWN);
    }

    assertThat(tokens.size()).isLessThanOrEqualTo(20);
    assertThat(tokens.find("token 0")).isNull();
    assertThat(tokens.find("token 999")).isEqualTo(KNOWN);
  }

  @Test
  void aTokenInUseStaysHoweverManyPassBy() {
    tokens.put("in use", KNOWN);
    for (int i = 0; i < 1_000; i++) {
      tokens.put("token " + i, KNOWN);
      assertThat(tokens.find("in use")).isEqualTo(KNOWN);
    }
  }
}
