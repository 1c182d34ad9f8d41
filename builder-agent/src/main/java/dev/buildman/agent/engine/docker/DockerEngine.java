package dev.buildman.agent.engine.docker;

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
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Builds with a daemon that speaks Docker's API: its classic builder, which every version has. The
 * image is exported and pushed by the agent itself, as only it knows whether it still may.
 */
public final class DockerEngine implements BuildEngine {
  private final DaemonKind kind;
  private final Map<String, String> variables;
  private final Sleeper sleeper;

  private DockerEngine(DaemonKind kind, Map<String, String> variables, Sleeper sleeper) {
    this.kind = kind;
    this.variables = Map.copyOf(variables);
    this.sleeper = sleeper;
  }

  /**
   * Docker's daemon.
   *
   * @param variables {@code DOCKER_HOST}, {@code DOCKER_CERT_PATH}, {@code DOCKER_TLS_VERIFY} as
   *     far as they are set; read when they are needed
   */
  public static DockerEngine docker(Map<String, String> variables, Sleeper sleeper) {
    return new DockerEngine(DaemonKind.DOCKER, variables, sleeper);
  }

  /**
   * Podman's service.
   *
   * @param variables as for {@link #docker}, and {@code XDG_RUNTIME_DIR}
   */
  public static DockerEngine podman(Map<String, String> variables, Sleeper sleeper) {
    return new DockerEngine(DaemonKind.PODMAN, variables, sleeper);
  }

  @Override
  public String name() {
    return kind.word();
  }

  @Override
  public Set<Ability> abilities() {
    return new Reach(kind, variables).problem().isPresent() ? Set.of() : kind.abilities();
  }

  @Override
  public EngineCheck check() throws InterruptedException {
    return new Reach(kind, variables).check();
  }

  @Override
  public EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options) {
    try {
      return Lacks.of(BuildPlan.of(dockerfile, options), options, kind)
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
    ContextFiles files = new ContextFiles(request.context());
    try {
      String plain = RunScripts.inline(files.text());
      Dockerfile dockerfile = Dockerfile.parse(plain);
      BuildPlan plan = BuildPlan.of(dockerfile, request.options());
      Optional<String> lack = Lacks.of(plan, request.options(), kind);
      if (lack.isPresent()) {
        throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, lack.get());
      }
      String text = StagesText.of(plain, dockerfile.stages(), plan.graph());
      ContextTar tar =
          new ContextTar(
              request.context(), files.ignoreFile(), text, link -> kind.takesLink(link, log));
      DaemonAddress address = kind.address(variables);
      RegistryClients clients = new RegistryClients(request.registries(), sleeper);
      DockerBuild build = new DockerBuild(request, plan, tar, address, log, clients);
      return kind == DaemonKind.DOCKER ? build.takingEarlierImages() : build;
    } catch (DockerfileException e) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
          .at("", e.line());
    } catch (IllegalArgumentException e) {
      throw EngineFailure.of(FailureCode.DOCKER_CONNECT_ERROR, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }
}
