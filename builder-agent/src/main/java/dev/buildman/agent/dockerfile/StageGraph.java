package dev.buildman.agent.dockerfile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Which stages a target needs and what each of them is made from. */
public final class StageGraph {

  private final Dockerfile dockerfile;
  private final Stage target;
  private final Map<Integer, Origin> bases = new HashMap<>();
  private final TreeMap<Integer, Stage> needed = new TreeMap<>();

  private StageGraph(Dockerfile dockerfile, Stage target) {
    this.dockerfile = dockerfile;
    this.target = target;
  }

  /**
   * Follows FROM and {@code --from} from the target. What the target does not need is not
   * evaluated.
   *
   * @param target name or index of a stage; null or empty: the last
   * @throws DockerfileException when the target or a stage it needs does not exist
   */
  public static StageGraph of(Dockerfile dockerfile, GlobalScope globals, @Nullable String target)
      throws DockerfileException {
    StageGraph graph = new StageGraph(dockerfile, target(dockerfile, target));
    graph.need(graph.target, globals);
    return graph;
  }

  private static Stage target(Dockerfile dockerfile, @Nullable String wanted)
      throws DockerfileException {
    List<Stage> stages = dockerfile.stages();
    if (wanted == null || wanted.isEmpty()) {
      return stages.getLast();
    }
    Stage found = named(stages, wanted);
    if (found == null && wanted.matches("[0-9]{1,6}") && Integer.parseInt(wanted) < stages.size()) {
      found = stages.get(Integer.parseInt(wanted));
    }
    if (found == null) {
      List<String> names = stages.stream().map(Stage::label).toList();
      throw new DockerfileException(
          0,
          "it has no stage "
              + wanted
              + " to build as target; its stages are "
              + String.join(", ", names)
              + ".");
    }
    return found;
  }

  private static @Nullable Stage named(List<Stage> stages, String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    Stage found = null;
    for (Stage stage : stages) {
      // A name given twice means the later stage, as Docker has it.
      if (wanted.equals(stage.name())) {
        found = stage;
      }
    }
    return found;
  }

  private void need(Stage stage, GlobalScope globals) throws DockerfileException {
    if (needed.putIfAbsent(stage.index(), stage) != null) {
      return;
    }
    Origin base = evaluateBase(stage, globals);
    bases.put(stage.index(), base);
    if (base instanceof Origin.OfStage(Stage parent)) {
      need(parent, globals);
    }
    for (Instruction instruction : stage.instructions()) {
      for (String from : sources(instruction)) {
        if (source(stage, from, instruction.line()) instanceof Origin.OfStage(Stage other)) {
          need(other, globals);
        }
      }
    }
  }

  private Origin evaluateBase(Stage stage, GlobalScope globals) throws DockerfileException {
    Instruction.From from = stage.from();
    String image = globals.expansion().word(from.image(), from.line());
    if (image.isBlank()) {
      throw new DockerfileException(
          from.line(),
          "the base image "
              + from.image()
              + " is empty after variables were replaced; give its ARG before the first FROM a"
              + " default.");
    }
    if (image.equals("scratch")) {
      return new Origin.Scratch();
    }
    Stage earlier = named(dockerfile.stages().subList(0, stage.index()), image);
    return earlier != null ? new Origin.OfStage(earlier) : new Origin.OfImage(image);
  }

  /**
   * What a {@code --from} of an instruction in the given stage means: an earlier stage by name or
   * index, else an image.
   */
  public Origin source(Stage stage, String from, int line) throws DockerfileException {
    List<Stage> earlier = dockerfile.stages().subList(0, stage.index());
    Stage named = named(earlier, from);
    if (named != null) {
      return new Origin.OfStage(named);
    }
    if (from.matches("[0-9]{1,6}")) {
      if (Integer.parseInt(from) >= stage.index()) {
        throw new DockerfileException(
            line,
            "--from="
                + from
                + " is no earlier stage; stages are counted from 0 and this is stage "
                + stage.index()
                + ".");
      }
      return new Origin.OfStage(earlier.get(Integer.parseInt(from)));
    }
    Stage later = named(dockerfile.stages(), from);
    if (later != null && later.index() > stage.index()) {
      throw new DockerfileException(
          line,
          "--from="
              + from
              + " names the stage of line "
              + later.from().line()
              + ", which comes later; move that stage up.");
    }
    return new Origin.OfImage(from);
  }

  private static List<String> sources(Instruction instruction) {
    return switch (instruction) {
      case Instruction.Copy copy -> {
        String from = copy.from();
        yield from == null ? List.of() : List.of(from);
      }
      case Instruction.Run run -> mounts(run);
      case Instruction.OnBuild onBuild -> sources(onBuild.instruction());
      default -> List.of();
    };
  }

  private static List<String> mounts(Instruction.Run run) {
    List<String> sources = new ArrayList<>();
    for (String mount : run.flags().getOrDefault("mount", List.of())) {
      for (String field : mount.split(",", -1)) {
        if (field.startsWith("from=")) {
          sources.add(field.substring("from=".length()));
        }
      }
    }
    return sources;
  }

  /** The stages to build, in the order of the file; the target is among them. */
  public List<Stage> needed() {
    return List.copyOf(needed.values());
  }

  /** The stage that becomes the image. */
  public Stage target() {
    return target;
  }

  /** What a needed stage begins with. */
  public Origin base(Stage stage) {
    Origin base = bases.get(stage.index());
    if (base == null) {
      throw new IllegalArgumentException("stage " + stage.label() + " is not needed");
    }
    return base;
  }

  /**
   * The images of registries that the needed stages begin with or copy from, without repeats, in
   * the order of the file.
   */
  public List<String> images() throws DockerfileException {
    List<String> images = new ArrayList<>();
    for (Stage stage : needed.values()) {
      add(images, base(stage));
      for (Instruction instruction : stage.instructions()) {
        for (String from : sources(instruction)) {
          add(images, source(stage, from, instruction.line()));
        }
      }
    }
    return List.copyOf(images);
  }

  private static void add(List<String> images, Origin origin) {
    if (origin instanceof Origin.OfImage(String reference) && !images.contains(reference)) {
      images.add(reference);
    }
  }
}
