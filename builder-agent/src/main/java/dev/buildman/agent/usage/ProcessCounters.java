package dev.buildman.agent.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** This process and its descendants, by {@code /proc}; what ends between two looks is not seen. */
final class ProcessCounters implements Counters {
  // Fields after the program's name, from 0: proc(5). Their unit is USER_HZ, 100 on every Linux.
  private static final int USER_TIME = 11;
  private static final int CHILDREN_SYSTEM_TIME = 14;
  private static final int RESIDENT_PAGES = 21;
  private static final long NANOS_A_TICK = 10_000_000;

  /** The page size of Linux on all but a few machines, where memory is told too small. */
  private static final long PAGE = 4_096;

  private final Path proc;
  private final ProcessHandle self;

  ProcessCounters(Path proc, ProcessHandle self) {
    this.proc = proc;
    this.self = self;
  }

  @Override
  public Duration processorTime() {
    // With the time of children that have ended, which their parents inherit.
    return Duration.ofNanos(sum(USER_TIME, CHILDREN_SYSTEM_TIME) * NANOS_A_TICK);
  }

  @Override
  public long memoryBytes() {
    return sum(RESIDENT_PAGES, RESIDENT_PAGES) * PAGE;
  }

  private long sum(int first, int last) {
    return Stream.concat(Stream.of(self), self.descendants())
        .mapToLong(process -> fields(process.pid(), first, last))
        .sum();
  }

  private long fields(long pid, int first, int last) {
    try {
      String line = Files.readString(proc.resolve(pid + "/stat"));
      String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
      long sum = 0;
      for (int i = first; i <= last; i++) {
        sum += Long.parseLong(fields[i]);
      }
      return sum;
    } catch (IOException | RuntimeException e) {
      return 0; // It ended while it was looked at.
    }
  }
}
