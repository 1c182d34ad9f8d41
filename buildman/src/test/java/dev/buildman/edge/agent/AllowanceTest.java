package dev.buildman.edge.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.BuildId;
import dev.buildman.runtime.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AllowanceTest {
  private final ManualTime time = ManualTime.atEpoch();
  private final Allowance allowance = new Allowance(new Allowance.Rate(10, 5), time);

  @Test
  void aBurstIsAllowedAndThenTheRate() {
    for (int i = 0; i < 5; i++) {
      assertThat(allowance.take()).isTrue();
    }
    assertThat(allowance.take()).isFalse();

    time.advance(Duration.ofMillis(100));
    assertThat(allowance.take()).isTrue();
    assertThat(allowance.take()).isFalse();
  }

  @Test
  void aLongRestGivesNoMoreThanTheBurst() {
    time.advance(Duration.ofHours(1));
    for (int i = 0; i < 5; i++) {
      assertThat(allowance.take()).isTrue();
    }
    assertThat(allowance.take()).isFalse();
  }

  @Test
  void whatIsSpentBeyondItIsPaidWithRest() {
    assertThat(allowance.spend(5)).isEqualTo(Duration.ZERO);
    assertThat(allowance.spend(20)).isEqualTo(Duration.ofSeconds(2));
    time.advance(Duration.ofSeconds(2));
    assertThat(allowance.spend(0)).isEqualTo(Duration.ZERO);
  }

  @Test
  void oneBuildDoesNotUseUpAnothersCalls() {
    CallRates rates = new CallRates(AgentRates.DEFAULT.ofCalls(), time);
    BuildId greedy = BuildId.random();
    while (rates.allows(greedy)) {
      assertThat(rates.allows(BuildId.random())).isTrue();
    }
    assertThat(rates.allows(BuildId.random())).isTrue();
    assertThat(rates.allows(greedy)).isFalse();
  }
}
