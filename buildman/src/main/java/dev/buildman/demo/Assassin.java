package dev.buildman.demo;

import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.Phase;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Kills the first agent that is seen at work, once, as kill -9 does. */
final class Assassin {
  private final Screen screen;
  private final AtomicBoolean done = new AtomicBoolean();

  Assassin(Screen screen) {
    this.screen = screen;
  }

  /** Whether an agent was killed. */
  boolean done() {
    return done.get();
  }

  /** Looks at a build that has changed. */
  void look(Build build) {
    Phase phase = build.getPhase();
    boolean working =
        phase.getNumber() >= Phase.PHASE_UNPACKING_VALUE
            && phase.getNumber() <= Phase.PHASE_BUILDING_VALUE;
    if (!working || build.getAttempt() != 1 || done.get()) {
      return;
    }
    agent(build.getWorker().getExecutionId())
        .filter(ProcessHandle::isAlive)
        .filter(agent -> done.compareAndSet(false, true))
        .ifPresent(
            agent -> {
              agent.destroyForcibly();
              screen.say(
                  "  --> kill -9 of the agent of %s (pid %d), in phase %s"
                      .formatted(build.getRepository(), agent.pid(), ShownBuild.phase(phase)));
            });
  }

  /** The agent below the leader of its worker's session; execution ids are host/pid/start. */
  private static Optional<ProcessHandle> agent(String executionId) {
    String[] parts = executionId.split("/", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    return ProcessHandle.of(Long.parseLong(parts[1]))
        .flatMap(leader -> leader.children().findFirst());
  }
}
