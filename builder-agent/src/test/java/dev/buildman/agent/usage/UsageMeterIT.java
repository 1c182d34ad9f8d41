package dev.buildman.agent.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.runtime.ManualTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a real file system and real processes. */
final class UsageMeterIT {
  private static final class Planted implements Counters {
    private Duration spent = Duration.ZERO;
    private long memory;

    @Override
    public Duration processorTime() {
      return spent;
    }

    @Override
    public long memoryBytes() {
      return memory;
    }
  }

  @TempDir private Path folder;
  private final ManualTime time = new ManualTime();
  private final Planted planted = new Planted();

  @Test
  void theProcessorIsCountedSinceTheReadingBeforeAndTheMostIsKept() {
    UsageMeter meter = new UsageMeter(() -> planted, folder, time);
    meter.read();
    planted.spent = Duration.ofSeconds(3);
    planted.memory = 500;
    time.advance(Duration.ofSeconds(2));
    assertThat(meter.read().cpuMillis()).isEqualTo(1_500);

    planted.memory = 100;
    time.advance(Duration.ofSeconds(2));
    assertThat(meter.read()).returns(0, Usage::cpuMillis).returns(100L, Usage::memoryBytes);

    assertThat(meter.peak()).returns(1_500, Usage::cpuMillis).returns(500L, Usage::memoryBytes);
  }

  @Test
  void aReadingRightAfterAnotherKeepsTheFigureOfTheProcessor() {
    UsageMeter meter = new UsageMeter(() -> planted, folder, time);
    meter.read();
    planted.spent = Duration.ofSeconds(1);
    time.advance(Duration.ofSeconds(1));
    meter.read();

    assertThat(meter.read().cpuMillis()).isEqualTo(1_000);
  }

  @Test
  void thisProcessAndItsChildrenAreSeen() throws Exception {
    ProcessCounters counters = new ProcessCounters(Path.of("/proc"), ProcessHandle.current());
    long alone = counters.memoryBytes();
    Process child = new ProcessBuilder("sleep", "60").start();
    try {
      assertThat(alone).isGreaterThan(10 << 20);
      assertThat(counters.processorTime()).isPositive();
      assertThat(new ProcessCounters(Path.of("/proc"), child.toHandle()).memoryBytes())
          .isPositive();
    } finally {
      child.destroyForcibly().waitFor();
    }
  }

  @Test
  void aControlGroupCountsOnlyWhenItIsTheWorkersOwn() throws IOException {
    Path group = Files.createDirectories(folder.resolve("pod/worker"));
    Path membership = Files.writeString(folder.resolve("membership"), "0::/pod/worker\n");
    Files.writeString(group.resolve("memory.current"), "4096\n");
    Files.writeString(group.resolve("cpu.stat"), "usage_usec 2500000\nuser_usec 1\n");
    Files.writeString(group.resolve("cgroup.procs"), "1\n7\n");

    assertThat(ControlGroup.find(folder, membership, Set.of(7L))).isEmpty();
    Counters own = ControlGroup.find(folder, membership, Set.of(1L, 7L)).orElseThrow();
    assertThat(own.memoryBytes()).isEqualTo(4_096);
    assertThat(own.processorTime()).isEqualTo(Duration.ofMillis(2_500));
  }

  @Test
  void aMachineWithoutControlGroupsOrOneThatLeadsOutHasNone() throws IOException {
    Path out = Files.writeString(folder.resolve("out"), "0::/../../etc\n");

    assertThat(ControlGroup.find(folder, folder.resolve("missing"), Set.of())).isEmpty();
    assertThat(ControlGroup.find(folder, out, Set.of())).isEmpty();
  }
}
