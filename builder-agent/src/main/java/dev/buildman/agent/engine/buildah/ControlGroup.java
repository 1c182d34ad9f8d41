package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.RunInputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control group of the kernel that limits all that a build runs together: version 2, or 1 where
 * the machine still has that. buildah's own isolation in a chroot has no limits.
 */
final class ControlGroup implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlGroup.class);
  private static final int PERIOD = 100_000; // microseconds, the kernel's own
  private static final String PROCESSES = "cgroup.procs";

  /** Joins the groups that stand before {@code --}, then becomes the command after it. */
  private static final String JOIN =
      "while [ \"$1\" != -- ]; do echo 0 > \"$1\" || exit 125; shift; done; shift; exec \"$@\"";

  private final List<Path> folders;
  private final Optional<Path> killed;

  private ControlGroup(List<Path> folders, Optional<Path> killed) {
    this.folders = List.copyOf(folders);
    this.killed = killed;
  }

  /** Whether this process may make groups below the folder that Linux keeps them in. */
  static boolean isThere(Path root) {
    Path control = root.resolve("cgroup.subtree_control");
    // A group that has processes, as a container's own, cannot hand controllers on; only the
    // kernel's root, which has no type, can.
    return (Files.isWritable(control)
            && (enabled(control) || Files.notExists(root.resolve("cgroup.type"))))
        || (Files.isWritable(root.resolve("memory").resolve(PROCESSES))
            && Files.isWritable(root.resolve("cpu").resolve(PROCESSES)));
  }

  /**
   * Makes a group with these limits.
   *
   * @param root {@code /sys/fs/cgroup}
   * @param name that no other group has
   * @throws IOException when the kernel does not allow it
   */
  static ControlGroup create(Path root, String name, RunInputs limits) throws IOException {
    return Files.exists(root.resolve("cgroup.subtree_control"))
        ? unified(root, name, limits)
        : divided(root, name, limits);
  }

  private static ControlGroup unified(Path root, String name, RunInputs limits) throws IOException {
    enable(root.resolve("cgroup.subtree_control"));
    Path folder = Files.createDirectory(root.resolve(name));
    ControlGroup group =
        new ControlGroup(List.of(folder), Optional.of(folder.resolve("memory.events")));
    try {
      if (limits.memoryBytes() > 0) {
        write(folder.resolve("memory.max"), limits.memoryBytes());
        write(folder.resolve("memory.swap.max"), 0);
      }
      if (limits.cpuMillis() > 0) {
        Files.writeString(folder.resolve("cpu.max"), quota(limits) + " " + PERIOD);
      }
      return group;
    } catch (IOException e) {
      group.close();
      throw e;
    }
  }

  private static void enable(Path control) throws IOException {
    if (!enabled(control)) {
      Files.writeString(control, "+cpu +memory");
    }
  }

  private static boolean enabled(Path control) {
    try {
      return List.of(Files.readString(control).strip().split(" "))
          .containsAll(List.of("cpu", "memory"));
    } catch (IOException e) {
      return false;
    }
  }

  private static ControlGroup divided(Path root, String name, RunInputs limits) throws IOException {
    List<Path> made = new ArrayList<>();
    Path memory = own(root, "memory").resolve(name);
    ControlGroup group =
        new ControlGroup(
            List.of(memory, own(root, "cpu").resolve(name)),
            Optional.of(memory.resolve("memory.oom_control")));
    try {
      for (Path folder : group.folders) {
        made.add(Files.createDirectory(folder));
      }
      if (limits.memoryBytes() > 0) {
        write(memory.resolve("memory.limit_in_bytes"), limits.memoryBytes());
      }
      if (limits.cpuMillis() > 0) {
        Path cpu = group.folders.getLast();
        write(cpu.resolve("cpu.cfs_period_us"), PERIOD);
        write(cpu.resolve("cpu.cfs_quota_us"), quota(limits));
      }
      return group;
    } catch (IOException e) {
      new ControlGroup(made, Optional.empty()).close();
      throw e;
    }
  }

  /** This process's group, so that its own limits hold too. */
  private static Path own(Path root, String controller) throws IOException {
    Path folder = root.resolve(controller);
    for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3 && parts[1].equals(controller) && parts[2].length() > 1) {
        Path own = folder.resolve(parts[2].substring(1));
        return Files.isDirectory(own) ? own : folder;
      }
    }
    return folder;
  }

  private static long quota(RunInputs limits) {
    return (long) limits.cpuMillis() * PERIOD / 1000;
  }

  private static void write(Path file, long value) throws IOException {
    Files.writeString(file, Long.toString(value));
  }

  /** What stands before a command that is to run in the group. */
  List<String> prefix() {
    List<String> prefix = new ArrayList<>(List.of("/bin/sh", "-c", JOIN, "sh"));
    folders.forEach(folder -> prefix.add(folder.resolve(PROCESSES).toString()));
    prefix.add("--");
    return prefix;
  }

  /** Whether the kernel ended something in the group for want of memory. */
  boolean ranOutOfMemory() {
    try {
      return killed.isPresent()
          && Files.exists(killed.get())
          && Files.readAllLines(killed.get()).stream()
              .anyMatch(line -> line.matches("oom_kill [1-9]\\d*"));
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes the group, which holds no process any more. */
  @Override
  public void close() {
    for (Path folder : folders) {
      try {
        Files.deleteIfExists(folder);
      } catch (IOException e) {
        log.warn("a control group is left behind: folder={}, because={}", folder, e.toString());
      }
    }
  }
}
