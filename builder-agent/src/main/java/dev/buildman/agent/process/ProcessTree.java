package dev.buildman.agent.process;

import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A program and all that it started: its descendants, the members of its session, and whatever was
 * seen to be one of them earlier. The last matters because a process whose parent ended is nobody's
 * descendant, and one that began a session of its own is no member.
 */
final class ProcessTree {
  private static final Logger log = LoggerFactory.getLogger(ProcessTree.class);
  private static final Duration STEP = Duration.ofMillis(20);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

  private final ProcessHandle root;
  private final boolean ownSession;
  private final Ticker ticker;
  private final Sleeper sleeper;
  private final Set<ProcessHandle> seen = new LinkedHashSet<>();

  ProcessTree(ProcessHandle root, boolean ownSession, Ticker ticker, Sleeper sleeper) {
    this.root = root;
    this.ownSession = ownSession;
    this.ticker = ticker;
    this.sleeper = sleeper;
    seen.add(root);
  }

  /** Notes its present descendants. */
  void look() {
    seen.removeIf(process -> !process.equals(root) && !alive(process));
    for (ProcessHandle known : List.copyOf(seen)) {
      known.descendants().forEach(seen::add);
    }
  }

  private static boolean alive(ProcessHandle process) {
    return process.isAlive() && ProcFs.running(process.pid());
  }

  private List<ProcessHandle> living() {
    look();
    if (ownSession) {
      ProcessHandle.allProcesses()
          .filter(process -> ProcFs.inSession(process.pid(), root.pid()))
          .forEach(seen::add);
    }
    return seen.stream().filter(ProcessTree::alive).toList();
  }

  /**
   * Asks all of them to end, and ends by force what is left after the grace. Finishes its work even
   * when the thread is interrupted meanwhile; the interruption is kept.
   */
  void stop(Duration grace) {
    List<ProcessHandle> found = living();
    if (found.isEmpty()) {
      // As after nearly every program: each look reads all of /proc.
      return;
    }
    boolean interrupted = Thread.interrupted();
    found.forEach(ProcessHandle::destroy);
    interrupted |= awaitEnd(grace, false);
    if (!living().isEmpty()) {
      interrupted |= awaitEnd(KILL_LIMIT, true);
    }
    List<ProcessHandle> left = living();
    if (!left.isEmpty()) {
      log.error(
          "processes survive SIGKILL: pids={}", left.stream().map(ProcessHandle::pid).toList());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for the end of all; by force it kills at each look what appeared since the last. */
  private boolean awaitEnd(Duration limit, boolean force) {
    boolean interrupted = false;
    long start = ticker.nanos();
    while (ticker.since(start).compareTo(limit) < 0) {
      List<ProcessHandle> living = living();
      if (living.isEmpty()) {
        break;
      }
      if (force) {
        living.forEach(ProcessHandle::destroyForcibly);
      }
      try {
        sleeper.sleep(STEP);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    return interrupted;
  }
}
