package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.RunScripts;
import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.ContextFiles;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.Set;

/**
 * Builds with the buildah program. Its storage lies in the build's work folder and goes with it, so
 * nothing is kept from build to build; images are pushed by the agent itself, as only it knows
 * whether it still may.
 */
public final class BuildahEngine implements BuildEngine {
  private final Processes processes;
  private final BuildahSettings settings;
  private final Sleeper sleeper;

  /** An engine that runs buildah through these processes. */
  public BuildahEngine(Processes processes, BuildahSettings settings, Sleeper sleeper) {
    this.processes = processes;
    this.settings = settings;
    this.sleeper = sleeper;
  }

  @Override
  public String name() {
    return "buildah";
  }

  @Override
  public Set<Ability> abilities() {
    return processes.find("buildah").isEmpty()
        ? Set.of()
        : EnumSet.of(Ability.RUN, Ability.PLATFORMS);
  }

  @Override
  public EngineCheck check() throws InterruptedException {
    return new Surroundings(processes, settings).check();
  }

  @Override
  public EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options) {
    try {
      return Lacks.of(BuildPlan.of(dockerfile, options))
          .<EngineCheck>map(lack -> EngineCheck.unable(lack, ""))
          .orElseGet(EngineCheck::able);
    } catch (DockerfileException e) {
      // It is wrong for every engine; the build says so with its code.
      return EngineCheck.able();
    }
  }

  @Override
  public EngineBuild open(BuildRequest request, EngineLog log)
      throws EngineFailure, InterruptedException {
    String text = new ContextFiles(request.context()).text();
    try {
      String plain = RunScripts.inline(text);
      BuildPlan plan = plan(plain, request.options());
      World world = World.create(request, settings, plan);
      Files.writeString(world.file(World.DOCKERFILE), plain);
      Buildah buildah = Buildah.in(world, processes, settings);
      RegistryClients clients = new RegistryClients(request.registries(), sleeper);
      return new BuildahBuild(request, plan, buildah, log, clients);
    } catch (DockerfileException e) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
          .at("", e.line());
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }

  private static BuildPlan plan(String text, BuildOptions options)
      throws DockerfileException, EngineFailure {
    BuildPlan plan = BuildPlan.of(Dockerfile.parse(text), options);
    var lack = Lacks.of(plan);
    if (lack.isPresent()) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, lack.get());
    }
    return plan;
  }
}
