package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.ContextFiles;
import dev.buildman.agent.engine.Emulation;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.ImageBuild;
import dev.buildman.agent.engine.IndexBuild;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds with the buildah program. Its storage lies in the build's work folder and goes with it, so
 * nothing is kept from build to build; images are pushed by the agent itself, as only it knows
 * whether it still may.
 */
public final class BuildahEngine implements BuildEngine {
  /** Where Linux keeps control groups. */
  static final Path CONTROL_GROUPS = Path.of("/sys/fs/cgroup");

  private final Processes processes;
  private final BuildahSettings settings;
  private final Sleeper sleeper;
  private volatile @Nullable List<String> containment;

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
    if (processes.find("buildah").isEmpty()) {
      return Set.of();
    }
    Set<Ability> abilities = EnumSet.allOf(Ability.class);
    if (settings.isolation().equals("chroot") && !ControlGroup.isThere(CONTROL_GROUPS)) {
      abilities.remove(Ability.RUN_LIMITS);
    }
    return abilities;
  }

  @Override
  public EngineCheck check() throws InterruptedException {
    EngineCheck check = new Surroundings(processes, settings).check();
    try {
      if (check instanceof EngineCheck.Able) {
        containment = Containment.prefix(processes);
      }
    } catch (IOException e) {
      return EngineCheck.unable("no program can be started: " + e.getMessage(), "");
    }
    return check;
  }

  private List<String> containment() throws IOException, InterruptedException {
    List<String> found = containment;
    return found == null ? Containment.prefix(processes) : found;
  }

  @Override
  public EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options) {
    try {
      for (BuildOptions one : each(options)) {
        Optional<String> lack = lack(BuildPlan.of(dockerfile, one));
        if (lack.isPresent()) {
          return EngineCheck.unable(lack.get(), "");
        }
      }
      return EngineCheck.able();
    } catch (DockerfileException e) {
      // It is wrong for every engine; the build says so with its code.
      return EngineCheck.able();
    }
  }

  private static List<BuildOptions> each(BuildOptions options) {
    return options.platforms().isEmpty()
        ? List.of(options)
        : options.platforms().stream().map(options::forPlatform).toList();
  }

  private static Optional<String> lack(BuildPlan plan) throws DockerfileException {
    Optional<String> lack = Lacks.of(plan);
    return lack.isPresent()
        ? lack
        : new Emulation(Emulation.REGISTERED, Platform.ofThisMachine()).lack(plan);
  }

  @Override
  public EngineBuild open(BuildRequest request, EngineLog log)
      throws EngineFailure, InterruptedException {
    return request.options().platforms().size() > 1
        ? IndexBuild.open(request, log, sleeper, one -> openOne(one, log))
        : openOne(request, log);
  }

  private ImageBuild openOne(BuildRequest request, EngineLog log)
      throws EngineFailure, InterruptedException {
    try {
      BuildPlan plan =
          BuildPlan.of(new ContextFiles(request.context()).dockerfile(), request.options());
      Optional<String> lack = lack(plan);
      if (lack.isPresent()) {
        throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, lack.get());
      }
      World world = World.create(request, settings, plan);
      Buildah buildah = Buildah.in(world, processes, settings, containment());
      RegistryClients clients = new RegistryClients(request.registries(), sleeper);
      return new BuildahBuild(request, plan, buildah, log, clients);
    } catch (DockerfileException e) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
          .at("", e.line());
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }
}
