package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.dockerfile.Instruction;
import dev.buildman.agent.dockerfile.Origin;
import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.dockerfile.StageGraph;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which instruction a name of BuildKit's means: {@code [build 2/3] RUN make}. BuildKit counts only
 * what makes files, and shows it with its variables replaced.
 */
final class StepNames {
  private static final Pattern NAME =
      Pattern.compile("\\[(.*?)(\\d{1,5})/(\\d{1,5})] .*", Pattern.DOTALL);
  private static final Pattern NUMBERED = Pattern.compile("stage-(\\d{1,5})");

  private final StageGraph graph;
  private final List<Instruction> instructions;
  private final Set<String> pinned;

  /**
   * @param instructions all that will run, in their order
   * @param pinned images that BuildKit is told the digests of, as FROM names them
   */
  StepNames(StageGraph graph, List<Instruction> instructions, Set<String> pinned) {
    this.pinned = Set.copyOf(pinned);
    this.graph = graph;
    this.instructions = List.copyOf(instructions);
  }

  /** The instruction, or null for what BuildKit does beside. */
  @Nullable Instruction find(String name) {
    Matcher matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      return null;
    }
    Stage stage = stage(matcher.group(1).strip());
    if (stage == null) {
      return null;
    }
    int number = Integer.parseInt(matcher.group(2));
    int total = Integer.parseInt(matcher.group(3));
    List<Instruction> counted = counted(stage);
    // An image that is named by its digest is no step, though BuildKit counts FROM into the total.
    int index = isPinned(stage) ? number : number - 1;
    // Triggers of a base image are counted too; then nothing can be said.
    boolean known = counted.size() == total || (isPinned(stage) && counted.size() == total + 1);
    return known && index >= 0 && index < counted.size() ? counted.get(index) : null;
  }

  private boolean isPinned(Stage stage) {
    return graph.base(stage) instanceof Origin.OfImage(String reference)
        && pinned.contains(reference);
  }

  /** Before the stage's name may stand platforms; a lone stage has no name. */
  private @Nullable Stage stage(String words) {
    String last = words.substring(words.lastIndexOf(' ') + 1);
    if (last.isEmpty() || last.contains("/")) {
      return graph.target();
    }
    Matcher numbered = NUMBERED.matcher(last);
    for (Stage stage : graph.needed()) {
      boolean same =
          numbered.matches()
              ? stage.name() == null && stage.index() == Integer.parseInt(numbered.group(1))
              : last.equals(stage.name());
      if (same || last.equals(stage.name())) {
        return stage;
      }
    }
    return null;
  }

  private List<Instruction> counted(Stage stage) {
    List<Instruction> counted = new ArrayList<>();
    if (graph.base(stage) instanceof Origin.OfImage) {
      counted.add(stage.from());
    }
    for (Instruction instruction : stage.instructions()) {
      switch (instruction) {
        case Instruction.Run run -> counted.add(run);
        case Instruction.Copy copy -> counted.add(copy);
        case Instruction.Add add -> counted.add(add);
        case Instruction.Workdir workdir -> counted.add(workdir);
        default -> {}
      }
    }
    return counted;
  }

  /** Its place in the whole, from 1. */
  int number(Instruction instruction) {
    return instructions.indexOf(instruction) + 1;
  }

  /** How many instructions there are. */
  int total() {
    return instructions.size();
  }

  /** The last instruction that begins at this line or before it; null for none. */
  @Nullable Instruction atLine(int line) {
    return instructions.stream()
        .filter(instruction -> instruction.line() <= line)
        .reduce((one, other) -> other.line() >= one.line() ? other : one)
        .orElse(null);
  }
}
