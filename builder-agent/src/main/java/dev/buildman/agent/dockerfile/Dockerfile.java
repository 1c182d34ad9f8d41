package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A Dockerfile that was read without an error.
 *
 * @param directives the parser directives at its top
 * @param globalArguments the ARG instructions before the first FROM
 * @param stages at least one
 */
public record Dockerfile(
    Directives directives, List<Instruction.Arg> globalArguments, List<Stage> stages) {

  public Dockerfile {
    globalArguments = List.copyOf(globalArguments);
    stages = List.copyOf(stages);
  }

  /**
   * Reads a Dockerfile.
   *
   * @param text the whole file, with any kind of line ends, with or without a byte order mark
   * @throws DockerfileException at the first error, with its line
   */
  public static Dockerfile parse(String text) throws DockerfileException {
    List<String> lines = LineReader.physicalLines(text);
    Directives directives = Directives.of(lines);
    List<Instruction> all = new ArrayList<>();
    for (LogicalLine line : LineReader.read(lines, directives)) {
      all.add(InstructionReader.read(line, directives.escape()));
    }
    return new Assembly().assemble(directives, all);
  }

  /**
   * Reads one trigger that a base image carries ({@code OnBuild} of its configuration).
   *
   * @param text the instruction without ONBUILD
   * @param line of the FROM that brings it: what errors name
   */
  public static Instruction trigger(String text, int line) throws DockerfileException {
    List<String> lines = LineReader.physicalLines(text);
    List<LogicalLine> logical = LineReader.read(lines, new Directives('\\', null));
    if (logical.size() != 1) {
      throw new DockerfileException(
          line, "the base image carries an ONBUILD trigger that is not one instruction.");
    }
    return InstructionReader.read(
        new LogicalLine(line, line, logical.getFirst().text(), logical.getFirst().heredocs()),
        '\\');
  }

  /** Groups instructions into stages. */
  private static final class Assembly {
    private final List<Instruction.Arg> globals = new ArrayList<>();
    private final List<Stage> stages = new ArrayList<>();
    private final List<Instruction> current = new ArrayList<>();
    private Instruction.@Nullable From from;

    Dockerfile assemble(Directives directives, List<Instruction> all) throws DockerfileException {
      for (Instruction instruction : all) {
        add(instruction);
      }
      finish();
      if (stages.isEmpty()) {
        throw new DockerfileException(
            0, "it has no FROM; the first instruction names a base image, or FROM scratch.");
      }
      return new Dockerfile(directives, globals, stages);
    }

    private void add(Instruction instruction) throws DockerfileException {
      if (instruction instanceof Instruction.From next) {
        finish();
        from = next;
      } else if (from != null) {
        current.add(instruction);
      } else if (instruction instanceof Instruction.Arg arg) {
        globals.add(arg);
      } else {
        throw new DockerfileException(
            instruction.line(),
            "only ARG may stand before the first FROM; found " + instruction.text() + ".");
      }
    }

    private void finish() {
      if (from != null) {
        stages.add(new Stage(stages.size(), from, current));
        current.clear();
      }
    }
  }
}
