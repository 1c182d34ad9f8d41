package dev.buildman.agent.usage;

import dev.buildman.agent.runtime.Ticker;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads what the worker uses, and remembers the most. Safe for any thread; never fails. */
public final class UsageMeter {
  /** Over less time ticks of 10 ms say nothing. */
  private static final Duration SHORTEST = Duration.ofMillis(200);

  private final Supplier<Counters> looked;
  private final Path folder;
  private final Ticker ticker;
  private @Nullable Counters counters;
  private long usedAtFirst;
  private Duration processorTime = Duration.ZERO;
  private long readAt;
  private Usage last = Usage.NONE;
  private Usage peak = Usage.NONE;

  /**
   * @param counters made at the first reading, as nothing may delay the agent's registration
   */
  UsageMeter(Supplier<Counters> counters, Path folder, Ticker ticker) {
    this.looked = counters;
    this.folder = folder;
    this.ticker = ticker;
  }

  /**
   * Of this process, all that it starts, and the file system of a folder.
   *
   * @param folder an existing one
   */
  public static UsageMeter of(Path folder, Ticker ticker) {
    return new UsageMeter(UsageMeter::look, folder, ticker);
  }

  private static Counters look() {
    ProcessHandle self = ProcessHandle.current();
    Set<Long> own =
        Stream.iterate(Optional.of(self), Optional::isPresent, each -> each.get().parent())
            .map(each -> each.get().pid())
            .collect(Collectors.toSet());
    return ControlGroup.find(Path.of("/sys/fs/cgroup"), Path.of("/proc/self/cgroup"), own)
        .<Counters>map(group -> group)
        .orElseGet(() -> new ProcessCounters(Path.of("/proc"), self));
  }

  /** The present figures; 0 for what this machine does not tell. */
  public synchronized Usage read() {
    Counters source = counters;
    if (source == null) {
      source = looked.get();
      counters = source;
      usedAtFirst = used();
      processorTime = spent(source);
      readAt = ticker.nanos();
    }
    Duration elapsed = ticker.since(readAt);
    int cpu = last.cpuMillis();
    if (elapsed.compareTo(SHORTEST) >= 0) {
      Duration now = spent(source);
      cpu = (int) Math.max(0, now.minus(processorTime).toNanos() * 1_000 / elapsed.toNanos());
      processorTime = now;
      readAt = ticker.nanos();
    }
    last = new Usage(cpu, memory(source), Math.max(0, used() - usedAtFirst));
    peak = peak.atLeast(last);
    return last;
  }

  /** The most of each figure that was read so far. */
  public synchronized Usage peak() {
    read();
    return peak;
  }

  private static Duration spent(Counters counters) {
    try {
      return counters.processorTime();
    } catch (IOException | RuntimeException e) {
      return Duration.ZERO;
    }
  }

  private static long memory(Counters counters) {
    try {
      return counters.memoryBytes();
    } catch (IOException | RuntimeException e) {
      return 0;
    }
  }

  private long used() {
    try {
      FileStore store = Files.getFileStore(folder);
      return store.getTotalSpace() - store.getUnallocatedSpace();
    } catch (IOException e) {
      return 0;
    }
  }
}
