package dev.buildman.executor.popen;

import dev.buildman.executor.ExecutionName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds all processes of a worker: those of its session, those that carry its cookie, those that
 * live in its folder, and the children of all of these. A build step may leave its session, and a
 * chroot drops the environment; what does all of that at once and hides from its parent is beyond a
 * local process's isolation.
 */
final class WorkerProcesses {
  /** Name of the cookie in the environment of a worker and of all that it starts. */
  static final String COOKIE = "BUILDMAN_EXECUTION";

  private final ProcessTable table;
  private final long self;

  WorkerProcesses(ProcessTable table) {
    this.table = table;
    this.self = ProcessHandle.current().pid();
  }

  /**
   * Every living process of a worker.
   *
   * @param leader of its session, where it is known
   */
  Collection<ProcessStat> of(ExecutionName name, Optional<LocalId> leader, Path folder)
      throws IOException {
    Map<Long, ProcessStat> living = table.living();
    Map<Long, ProcessStat> found = new LinkedHashMap<>();
    Deque<ProcessStat> open = new ArrayDeque<>();
    String cookie = COOKIE + "=" + name;
    for (ProcessStat process : living.values()) {
      if (process.pid() != self
          && (inSession(process, leader, living)
              || table.environment(process.pid()).contains(cookie)
              || table.isInside(process.pid(), folder))) {
        open.add(process);
      }
    }
    Map<Long, List<ProcessStat>> children = byParent(living);
    while (!open.isEmpty()) {
      ProcessStat process = open.remove();
      if (process.pid() != self && found.putIfAbsent(process.pid(), process) == null) {
        open.addAll(children.getOrDefault(process.pid(), List.of()));
      }
    }
    return found.values();
  }

  /** Whether the leader itself lives. */
  boolean leads(LocalId leader) {
    return table
        .read(leader.pid())
        .filter(stat -> stat.lives() && stat.start() == leader.start())
        .isPresent();
  }

  // A pid is not given out again while a session bears it; once it is, its leader is younger.
  private static boolean inSession(
      ProcessStat process, Optional<LocalId> leader, Map<Long, ProcessStat> living) {
    if (leader.isEmpty() || process.session() != leader.get().pid()) {
      return false;
    }
    ProcessStat present = living.get(leader.get().pid());
    return present != null
        ? present.start() == leader.get().start()
        : process.start() >= leader.get().start();
  }

  private static Map<Long, List<ProcessStat>> byParent(Map<Long, ProcessStat> living) {
    Map<Long, List<ProcessStat>> children = new HashMap<>();
    for (ProcessStat process : living.values()) {
      children.computeIfAbsent(process.parent(), ignored -> new ArrayList<>()).add(process);
    }
    return children;
  }
}
