package dev.buildman.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinesTest {
  private final List<String> seen = new ArrayList<>();
  private final Lines lines = new Lines(8, (channel, line) -> seen.add(channel + ":" + line));

  @Test
  void piecesBecomeLinesOfTheirOwnChannel() {
    lines.accept(Channel.STDOUT, "on");
    lines.accept(Channel.STDERR, "oops\n");
    lines.accept(Channel.STDOUT, "e\r\n\ntwo");
    lines.end(Channel.STDOUT);
    lines.end(Channel.STDERR);

    assertThat(seen).containsExactly("STDERR:oops", "STDOUT:one", "STDOUT:", "STDOUT:two");
  }

  @Test
  void aLineWithoutEndIsCutButNeverInsideACharacter() {
    lines.accept(Channel.STDOUT, "1234567\uD83D\uDE00abc");
    lines.end(Channel.STDOUT);

    assertThat(seen).containsExactly("STDOUT:1234567\uD83D\uDE00", "STDOUT:abc");
  }
}
