package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.engine.EngineLog;

/** Counts the instructions of a build in its log. */
final class Steps {

  private final EngineLog log;
  private final int total;
  private int number;

  Steps(EngineLog log, int total) {
    this.log = log;
    this.total = total;
  }

  void next(Instruction instruction) {
    log.step(++number, total, instruction.text());
  }
}
