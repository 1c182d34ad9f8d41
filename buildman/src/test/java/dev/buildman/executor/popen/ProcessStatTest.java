package dev.buildman.executor.popen;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcessStatTest {
  private static final String REST =
      " 1 77 76 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 123456 2527232 100 18446744073709551615";

  @Test
  void readsALine() {
    assertThat(ProcessStat.parse("77 (sh) S" + REST))
        .contains(new ProcessStat(77, 'S', 1, 76, 123456));
  }

  @Test
  void isNotMisledByTheNameOfACommand() {
    assertThat(ProcessStat.parse("77 (a) Z 5 (b) S" + REST))
        .contains(new ProcessStat(77, 'S', 1, 76, 123456));
  }

  @Test
  void aZombieDoesNotLive() {
    assertThat(ProcessStat.parse("77 (sh) Z" + REST)).get().matches(stat -> !stat.lives());
  }

  @Test
  void whatIsNoLineIsNothing() {
    assertThat(ProcessStat.parse("")).isEmpty();
    assertThat(ProcessStat.parse("77 (sh) S 1 2")).isEmpty();
  }
}
