package dev.buildman.agent.logship;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LastLinesTest {
  private final LastLines last = new LastLines();

  @Test
  void aReturnOverwritesALineUnlessItEndsIt() {
    last.add("10 %\r50 %\r100 %\nof Windows\r\n");
    last.add("cut \r");
    last.add("\nafter");

    assertThat(last.lines()).containsExactly("100 %", "of Windows", "cut", "after");
  }

  @Test
  void whatAnEngineSaysOfItsTidyingIsNotWhatTheStepSaid() {
    last.add("cat: write error: No space left on device\n");
    last.add(
        "time=\"2026-11-21T14:40:41Z\" level=error msg=\"error unmounting container: no space\"\n");
    last.add("subprocess exited with status 1\n");

    assertThat(last.lines()).containsExactly("cat: write error: No space left on device");
  }

  @Test
  void whatAStepSaysInTheSameFormIsKept() {
    String line = "time=\"2026-11-21T14:40:41Z\" level=fatal msg=\"no config: app.yaml\"";
    last.add(line + "\n");

    assertThat(last.lines()).containsExactly(line);
  }
}
