package dev.buildman.agent.engine;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.proto.agent.FailureCode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which engine builds: the named one, or with {@code auto} the first that is there and can do all
 * of this build. For one build, and one thread.
 */
public final class EngineChoice implements AutoCloseable {

  /** The name that leaves the choice to the agent. */
  public static final String AUTO = "auto";

  private final List<BuildEngine> engines;
  private @Nullable EarlyCheck early;

  /**
   * @param engines the best first
   */
  public EngineChoice(List<BuildEngine> engines) {
    this.engines = List.copyOf(engines);
  }

  /**
   * Begins to look whether the engine that comes first is there, as that takes a while and the
   * build may have other things to do first. Without it {@link #choose} looks.
   *
   * @param wanted a name of an engine or {@link #AUTO}
   */
  public void begin(String wanted) {
    engines.stream()
        .filter(engine -> wanted.equals(AUTO) || engine.name().equals(wanted))
        .findFirst()
        .ifPresent(first -> early = EarlyCheck.begin(first));
  }

  /**
   * Chooses.
   *
   * @param wanted a name of an engine or {@link #AUTO}
   * @throws EngineFailure {@code MISSING_OR_INVALID_ARGUMENT} for an unknown name, {@code
   *     DOCKER_CONNECT_ERROR} when no engine is there, {@code DOCKERFILE_ISSUE} when none that is
   *     there can do this build; the message says what each lacks
   */
  public BuildEngine choose(String wanted, Dockerfile dockerfile, BuildOptions options)
      throws EngineFailure, InterruptedException {
    List<BuildEngine> candidates = wanted.equals(AUTO) ? engines : named(wanted);
    List<String> lacks = new ArrayList<>();
    boolean there = false;
    for (BuildEngine engine : candidates) {
      EngineCheck check = check(engine);
      if (check instanceof EngineCheck.Able) {
        there = true;
        check = canBuild(engine, dockerfile, options);
      }
      switch (check) {
        case EngineCheck.Able able -> {
          return engine;
        }
        case EngineCheck.Unable(String why, String remedy) ->
            lacks.add(engine.name() + ": " + why + (remedy.isEmpty() ? "" : "; " + remedy));
      }
    }
    FailureCode code = there ? FailureCode.DOCKERFILE_ISSUE : FailureCode.DOCKER_CONNECT_ERROR;
    throw EngineFailure.of(
        code, "no engine of this agent can do the build. " + String.join(". ", lacks));
  }

  private EngineCheck check(BuildEngine engine) throws InterruptedException {
    EarlyCheck begun = early;
    return begun != null && begun.isOf(engine) ? begun.result() : engine.check();
  }

  private EngineCheck canBuild(BuildEngine engine, Dockerfile dockerfile, BuildOptions options) {
    Set<Ability> missing = Ability.neededBy(options);
    missing.removeAll(engine.abilities());
    if (missing.isEmpty()) {
      return engine.canBuild(dockerfile, options);
    }
    List<String> deeds = missing.stream().map(Ability::deed).toList();
    return EngineCheck.unable("it cannot " + String.join(", nor ", deeds), others(options));
  }

  /** Names the engines that may be able to, whether this agent may use them or not. */
  private String others(BuildOptions options) {
    Set<Ability> needed = Ability.neededBy(options);
    List<String> able =
        engines.stream()
            .filter(engine -> engine.abilities().containsAll(needed))
            .map(BuildEngine::name)
            .toList();
    return able.isEmpty() ? "" : "here " + String.join(" or ", able) + " could";
  }

  /** What some engine may be able to do, as far as it is known without starting anything. */
  public Set<Ability> abilities(String wanted) {
    Set<Ability> abilities = EnumSet.noneOf(Ability.class);
    engines.stream()
        .filter(engine -> wanted.equals(AUTO) || engine.name().equals(wanted))
        .forEach(engine -> abilities.addAll(engine.abilities()));
    return abilities;
  }

  private List<BuildEngine> named(String wanted) throws EngineFailure {
    List<BuildEngine> found =
        engines.stream().filter(engine -> engine.name().equals(wanted)).toList();
    if (found.isEmpty()) {
      List<String> names = engines.stream().map(BuildEngine::name).toList();
      throw EngineFailure.of(
          FailureCode.MISSING_OR_INVALID_ARGUMENT,
          "CONTAINER_RUNTIME "
              + wanted
              + " is no engine of this agent; known are "
              + AUTO
              + ", "
              + String.join(", ", names)
              + ".");
    }
    return found;
  }

  /** Ends what was begun and nobody waited for. */
  @Override
  public void close() {
    EarlyCheck begun = early;
    if (begun != null) {
      begun.close();
    }
  }
}
