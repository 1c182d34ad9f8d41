package dev.buildman.agent.engine.docker;

import dev.buildman.agent.dockerfile.Stage;
import dev.buildman.agent.dockerfile.StageGraph;
import java.util.ArrayList;
import java.util.List;

/**
 * A Dockerfile cut down to what its target needs, line numbers and stage numbers kept: the classic
 * builder runs every stage up to its target, also those that nothing uses.
 */
final class StagesText {
  private StagesText() {}

  /**
   * The text to build.
   *
   * @param stages all of the file, in its order
   */
  static String of(String text, List<Stage> stages, StageGraph graph) {
    List<String> lines = new ArrayList<>(text.lines().toList());
    int end = firstLine(stages, graph.target().index() + 1, lines.size() + 1) - 1;
    for (Stage stage : stages.subList(0, graph.target().index())) {
      if (!graph.needed().contains(stage)) {
        int next = firstLine(stages, stage.index() + 1, lines.size() + 1);
        for (int line = stage.from().line(); line < next; line++) {
          lines.set(line - 1, "");
        }
        lines.set(stage.from().line() - 1, empty(stage));
      }
    }
    return String.join("\n", lines.subList(0, end)) + "\n";
  }

  private static int firstLine(List<Stage> stages, int index, int none) {
    return index < stages.size() ? stages.get(index).from().line() : none;
  }

  private static String empty(Stage stage) {
    String name = stage.name();
    return "FROM scratch" + (name == null ? "" : " AS " + name);
  }
}
