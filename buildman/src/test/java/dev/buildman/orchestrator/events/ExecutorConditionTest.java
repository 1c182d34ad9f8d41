package dev.buildman.orchestrator.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutorConditionTest {

  @Test
  void whatIsAnnouncedIsReadAgain() {
    List<ExecutorCondition> conditions =
        List.of(
            new ExecutorCondition("kube", "open", "https://api:6443 did not answer: refused"),
            new ExecutorCondition("cloud", "half_open", ""));
    assertThat(ExecutorCondition.parse(ExecutorCondition.text(conditions))).isEqualTo(conditions);
    assertThat(ExecutorCondition.parse(ExecutorCondition.text(List.of()))).isEmpty();
  }

  @Test
  void aTroubleOfManyLinesBecomesOneAndIsNotWithoutEnd() {
    ExecutorCondition one = new ExecutorCondition("kube", "open", " a\tb\n\nc " + "d".repeat(900));
    assertThat(one.trouble()).startsWith("a b c d").endsWith("d…").hasSize(500);
    assertThat(ExecutorCondition.parse(ExecutorCondition.text(List.of(one)))).containsExactly(one);
  }

  /** Two versions of the manager may be there side by side. */
  @Test
  void linesOfAnotherFormAreLeftOut() {
    assertThat(ExecutorCondition.parse("kube\topen\nkube\topen\t\nkube\topen\t\t2031\n"))
        .containsExactly(new ExecutorCondition("kube", "open", ""));
  }

  @Test
  void anExecutorIsWellWhenItsCircuitIsClosedAndNothingIsInTheWay() {
    assertThat(new ExecutorCondition("kube", "closed", "").isWell()).isTrue();
    assertThat(new ExecutorCondition("kube", "closed", "no right to create jobs").isWell())
        .isFalse();
    assertThat(new ExecutorCondition("kube", "half_open", "").isWell()).isFalse();
  }
}
