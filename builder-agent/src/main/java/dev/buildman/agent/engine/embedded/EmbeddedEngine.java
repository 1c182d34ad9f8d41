package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.dockerfile.IgnoreFile;
import dev.buildman.agent.engine.Ability;
import dev.buildman.agent.engine.BuildContext;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.ContextFiles;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.ImageBuild;
import dev.buildman.agent.engine.IndexBuild;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.engine.tree.LayerWriter;
import dev.buildman.agent.runtime.Sleeper;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.Set;

/**
 * Builds images in this process: no daemon, no privilege, on any machine. It copies files and sets
 * metadata; it runs no command, so RUN is an error that names its line. Layers of base images are
 * never packed again. Nothing is kept from build to build, so there is no cache to switch off.
 */
public final class EmbeddedEngine implements BuildEngine {

  private final InstantSource clock;
  private final Sleeper sleeper;

  /**
   * @param clock the time that images carry when no source date is given
   * @param sleeper what the registry client waits with
   */
  public EmbeddedEngine(InstantSource clock, Sleeper sleeper) {
    this.clock = clock;
    this.sleeper = sleeper;
  }

  @Override
  public String name() {
    return "embedded";
  }

  @Override
  public Set<Ability> abilities() {
    return EnumSet.of(Ability.PLATFORMS, Ability.CACHE_REFS, Ability.CACHE_TO);
  }

  @Override
  public EngineCheck check() {
    return EngineCheck.able();
  }

  @Override
  public EngineCheck canBuild(Dockerfile dockerfile, BuildOptions options) {
    try {
      return Limits.of(BuildPlan.of(dockerfile, options).graph())
          .map(
              excess ->
                  EngineCheck.unable("Dockerfile line " + excess.line() + ": " + excess.why(), ""))
          .orElse(EngineCheck.able());
    } catch (DockerfileException e) {
      // It is wrong for every engine; the build says so with its code.
      return EngineCheck.able();
    }
  }

  @Override
  public EngineBuild open(BuildRequest request, EngineLog log)
      throws EngineFailure, InterruptedException {
    if (!request.options().cache().equals(CacheRefs.NONE)) {
      log.output(
          "# This engine (embedded) has no steps that are worth a cache: it is left alone\n");
    }
    return request.options().platforms().size() > 1
        ? IndexBuild.open(request, log, sleeper, one -> openOne(one, log))
        : openOne(request, log);
  }

  private ImageBuild openOne(BuildRequest request, EngineLog log)
      throws EngineFailure, InterruptedException {
    ContextFiles files = new ContextFiles(request.context());
    Dockerfile dockerfile = files.dockerfile();
    IgnoreFile ignore = files.ignoreFile();
    try {
      BuildPlan plan = BuildPlan.of(dockerfile, request.options());
      refuseExcess(plan);
      warnOfUndeclared(plan, log);
      long fileTime =
          Files.getLastModifiedTime(request.context().dockerfile()).toInstant().getEpochSecond();
      return open(withRealFolder(request), plan, log, ignore, fileTime);
    } catch (DockerfileException e) {
      throw Failures.dockerfile(e);
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }

  /** Links on the context's own path are no business of the build. */
  private static BuildRequest withRealFolder(BuildRequest request) throws IOException {
    BuildContext given = request.context();
    BuildContext real =
        new BuildContext(given.directory().toRealPath(), given.dockerfile(), given.git());
    return new BuildRequest(
        real, request.options(), request.tags(), request.registries(), request.workDir());
  }

  private ImageBuild open(
      BuildRequest request, BuildPlan plan, EngineLog log, IgnoreFile ignore, long fileTime) {
    Instant sourceDate = request.options().sourceDate();
    Instant created =
        (sourceDate == null ? clock.instant() : sourceDate).truncatedTo(ChronoUnit.SECONDS);
    RegistryClients clients = new RegistryClients(request.registries(), sleeper);
    LayerStore store =
        new LayerStore(
            request.workDir(), clients.pull(), new TransferLog(log), new LayerWriter(sourceDate));
    BuildSetting setting = new BuildSetting(request, plan, store, log, created, fileTime);
    return new EmbeddedBuild(setting, clients, ignore);
  }

  private static void refuseExcess(BuildPlan plan) throws DockerfileException {
    var excess = Limits.of(plan.graph());
    if (excess.isPresent()) {
      throw new DockerfileException(excess.get().line(), excess.get().why());
    }
  }

  private static void warnOfUndeclared(BuildPlan plan, EngineLog log) {
    Set<String> names = plan.globals().undeclared(plan.dockerfile());
    if (!names.isEmpty()) {
      log.output("[Warning] No ARG takes the build arguments " + String.join(", ", names) + ".\n");
    }
  }
}
