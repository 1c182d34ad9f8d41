package dev.buildman.agent.dockerfile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stage of a Dockerfile.
 *
 * @param index from 0
 * @param from its first instruction
 * @param instructions those after FROM
 */
public record Stage(int index, Instruction.From from, List<Instruction> instructions) {

  public Stage {
    instructions = List.copyOf(instructions);
  }

  /** Its name in lower case, null when it has none. */
  public @Nullable String name() {
    return from.name();
  }

  /** Its name, or its index where it has none: for messages. */
  public String label() {
    String name = name();
    return name == null ? String.valueOf(index) : name;
  }
}
