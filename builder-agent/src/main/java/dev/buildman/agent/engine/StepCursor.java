package dev.buildman.agent.engine;

import dev.buildman.agent.dockerfile.Instruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which instruction of a plan an engine is at, told by the lines that it prints. Engines count
 * steps in their own ways and may join lines with more or fewer blanks; here every step has its
 * place in the plan. For one thread.
 */
public final class StepCursor {
  private final List<Instruction> instructions;
  private final EngineLog log;
  private int number;

  /**
   * @param instructions that will run, in their order
   */
  public StepCursor(List<Instruction> instructions, EngineLog log) {
    this.instructions = List.copyOf(instructions);
    this.log = log;
  }

  /**
   * An engine says that a step begins.
   *
   * @param text the instruction as the engine prints it
   * @return whether it is one of the plan, which the log then shows as a step; what an engine adds
   *     itself is none: labels of the build, triggers of the base image
   */
  public boolean begin(String text) {
    int found = find(text);
    if (found < 0) {
      return false;
    }
    number = found + 1;
    log.step(number, instructions.size(), instructions.get(found).text());
    return true;
  }

  /** Instructions begin in their order, so the search goes on after the last one. */
  private int find(String text) {
    String wanted = plain(text);
    for (int i = number; i < instructions.size(); i++) {
      if (plain(instructions.get(i).text()).equals(wanted)) {
        return i;
      }
    }
    return -1;
  }

  private static String plain(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  /** The instruction that began last; null before the first. */
  public @Nullable Instruction current() {
    return number > 0 ? instructions.get(number - 1) : null;
  }

  /**
   * The failure at the current instruction, with its text and line.
   *
   * @param failure what went wrong, in words that follow "failed:"
   */
  public EngineFailure failed(EngineFailure failure) {
    Instruction instruction = current();
    if (instruction == null) {
      return failure;
    }
    String message =
        "the step %s (line %d) failed: %s"
            .formatted(instruction.text(), instruction.line(), failure.message());
    return EngineFailure.of(failure.code(), message)
        .at(instruction.text(), instruction.line())
        .withExitCode(failure.exitCode());
  }
}
