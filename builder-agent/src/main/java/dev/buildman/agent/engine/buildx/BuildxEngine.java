package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
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
import dev.buildman.agent.engine.docker.Daemon;
import dev.buildman.agent.engine.docker.DaemonAddress;
import dev.buildman.agent.engine.docker.DaemonException;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * Builds with BuildKit: that of {@code BUILDKIT_HOST}, else the one inside of Docker's daemon. The
 * image is pushed by the agent itself, as only it knows whether it still may.
 */
public final class BuildxEngine implements BuildEngine {
  private final Processes processes;
  private final BuildxSettings settings;
  private final Sleeper sleeper;

  /** An engine that runs buildx through these processes. */
  public BuildxEngine(Processes processes, BuildxSettings settings, Sleeper sleeper) {
    this.processes = processes;
    this.settings = settings;
    this.sleeper = sleeper;
  }

  @Override
  public String name() {
    return "buildx";
  }

  @Override
  public Set<Ability> abilities() {
    if (Plugin.find(settings.variables(), processes).isEmpty() || !isDaemonLikely()) {
      return Set.of();
    }
    Set<Ability> abilities =
        EnumSet.of(Ability.RUN, Ability.SECRETS, Ability.SSH_KEYS, Ability.CACHE_REFS);
    if (!settings.buildkitHost().isEmpty()) {
      // Docker's own BuildKit cannot, unless its images are containerd's, which no glance tells.
      abilities.add(Ability.PLATFORMS);
      abilities.add(Ability.CACHE_TO);
    }
    return abilities;
  }

  private boolean isDaemonLikely() {
    if (!settings.buildkitHost().isEmpty()) {
      return true;
    }
    try {
      return DaemonAddress.docker(settings.variables()).socket().map(Files::exists).orElse(true);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public EngineCheck check() throws InterruptedException {
    return new Surroundings(processes, settings).check();
  }

  @Override
  public EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options) {
    return EngineCheck.able();
  }

  @Override
  public EngineBuild open(BuildRequest request, EngineLog log)
      throws EngineFailure, InterruptedException {
    ContextFiles files = new ContextFiles(request.context());
    Dockerfile dockerfile = files.dockerfile();
    // Read for its errors, which name their line; BuildKit reads the file itself.
    files.ignoreFile();
    Path program =
        Plugin.find(settings.variables(), processes)
            .orElseThrow(
                () ->
                    EngineFailure.of(
                        FailureCode.DOCKER_CONNECT_ERROR, "buildx is not installed here"));
    try {
      BuildPlan plan = BuildPlan.of(dockerfile, request.options());
      Buildx buildx = new Buildx(processes, settings, program, request.workDir());
      RegistryClients clients = new RegistryClients(request.registries(), sleeper);
      return new BuildxBuild(request, plan, buildx, outlet(buildx, request, clients), log, clients);
    } catch (DockerfileException e) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
          .at("", e.line());
    }
  }

  private Outlet outlet(Buildx buildx, BuildRequest request, RegistryClients clients)
      throws EngineFailure, InterruptedException {
    Outlet.Layout layout = new Outlet.Layout(request.workDir().resolve("image"));
    if (buildx.isRemote()) {
      return layout;
    }
    DaemonAddress address = DaemonAddress.docker(settings.variables());
    try (Daemon daemon = Daemon.at(address)) {
      if (daemon.info().path("DriverStatus").toString().contains("io.containerd.snapshotter")) {
        return layout;
      }
    } catch (DaemonException e) {
      throw EngineFailure.of(FailureCode.DOCKER_CONNECT_ERROR, e.message(), e);
    }
    if (request.options().platforms().size() > 1) {
      throw EngineFailure.of(
          FailureCode.MISSING_OR_INVALID_ARGUMENT,
          "this Docker daemon can keep an image for one platform only; give the worker a"
              + " BUILDKIT_HOST, or a daemon with containerd's image store");
    }
    return new DaemonOutlet(address, request, clients);
  }
}
