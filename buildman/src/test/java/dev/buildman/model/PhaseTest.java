package dev.buildman.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PhaseTest {
  @Test
  void wordsAreQuays() {
    assertThat(Phase.values())
        .extracting(Phase::word)
        .containsExactly(
            "waiting",
            "build-scheduled",
            "unpacking",
            "pulling",
            "building",
            "pushing",
            "complete",
            "error",
            "internalerror",
            "cancelled");
    for (Phase phase : Phase.values()) {
      assertThat(Phase.ofWord(phase.word())).isEqualTo(phase);
    }
    assertThatThrownBy(() -> Phase.ofWord("COMPLETE")).hasMessageContaining("is no phase");
  }

  @Test
  void phasesOnlyGoForwardAndTerminalOnesAreNeverLeft() {
    for (Phase from : Phase.values()) {
      for (Phase to : Phase.values()) {
        boolean forward =
            from.ordinal() < Phase.COMPLETE.ordinal() && to.ordinal() > from.ordinal();
        assertThat(from.precedes(to)).as(from + " to " + to).isEqualTo(forward);
      }
    }
  }
}
