package dev.buildman.executor.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.WorkerExit;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class MachineEndTest {
  private static WorkerExit read(String... console) {
    return MachineEnd.read(List.of(console));
  }

  @Test
  void aStatusIsReadWhereverItStandsInItsLine() {
    assertThat(read("[ 9.1] x", "[ 9.2] buildman: worker ended: status=3 result=exit-code"))
        .isEqualTo(WorkerExit.withStatus(3));
  }

  @Test
  void theLastWordCounts() {
    assertThat(
            read(
                "step 2/3: echo buildman: worker ended: status=0",
                "buildman: worker ended: status=1 result=exit-code"))
        .isEqualTo(WorkerExit.withStatus(1));
  }

  @Test
  void aSignalIsReadOutOfTheStatus() {
    assertThat(read("buildman: worker ended: status=137 result=exit-code"))
        .isEqualTo(WorkerExit.bySignal(9));
  }

  @Test
  void aMachineWithoutMemoryIsSeenByTheKernelsWordsOrByItsManagers() {
    assertThat(
            read(
                "Out of memory: Killed process 812 (buildah) total-vm:1kB",
                "buildman: worker ended: status=137 result=exit-code"))
        .isEqualTo(new WorkerExit(OptionalInt.of(137), 9, true));
    assertThat(read("buildman: worker ended: status=1 result=oom-kill").outOfMemory()).isTrue();
    // Some step of the build ran out of memory, and its agent said so itself.
    assertThat(
            read(
                "Out of memory: Killed process 812 (cc1)",
                "buildman: worker ended: status=0 result=success"))
        .isEqualTo(WorkerExit.withStatus(0));
  }

  @Test
  void withoutALastWordNothingIsKnown() {
    assertThat(read("booting", "buildman: worker ended: status=unknown result=timeout"))
        .isEqualTo(WorkerExit.unknown());
    assertThat(MachineEnd.isShown(List.of("booting"))).isFalse();
  }
}
