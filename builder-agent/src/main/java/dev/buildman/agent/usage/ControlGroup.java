package dev.buildman.agent.usage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The worker's control group (version 2), when it has one of its own: it counts what has ended, and
 * what hides from a look at processes. A worker that is a process of its manager shares its group,
 * whose figures are not the worker's.
 */
final class ControlGroup implements Counters {
  private static final String LINE = "0::";
  private static final String CPU = "usage_usec ";

  private final Path folder;

  private ControlGroup(Path folder) {
    this.folder = folder;
  }

  /**
   * Looks for it.
   *
   * @param root where control groups are mounted, {@code /sys/fs/cgroup}
   * @param membership {@code /proc/self/cgroup}
   * @param own ids of this process and of those that it was started by
   */
  static Optional<ControlGroup> find(Path root, Path membership, Set<Long> own) {
    try (Stream<String> lines = Files.lines(membership)) {
      return lines
          .filter(line -> line.startsWith(LINE))
          .map(line -> root.resolve("." + line.substring(LINE.length())).normalize())
          .filter(folder -> folder.startsWith(root) && isOwn(folder, own))
          .map(ControlGroup::new)
          .findFirst();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static boolean isOwn(Path folder, Set<Long> own) {
    if (!Files.isReadable(folder.resolve("memory.current"))
        || !Files.isReadable(folder.resolve("cpu.stat"))) {
      return false;
    }
    try (Stream<String> members = Files.lines(folder.resolve("cgroup.procs"))) {
      // 0: a process of another namespace.
      return own.containsAll(members.map(Long::valueOf).collect(Collectors.toSet()));
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  @Override
  public Duration processorTime() throws IOException {
    try (Stream<String> lines = Files.lines(folder.resolve("cpu.stat"))) {
      long micros =
          lines
              .filter(line -> line.startsWith(CPU))
              .mapToLong(line -> Long.parseLong(line.substring(CPU.length()).strip()))
              .findFirst()
              .orElse(0);
      return Duration.ofNanos(micros * 1_000);
    }
  }

  @Override
  public long memoryBytes() throws IOException {
    return Long.parseLong(Files.readString(folder.resolve("memory.current")).strip());
  }
}
