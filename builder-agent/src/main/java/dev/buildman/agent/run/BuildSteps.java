package dev.buildman.agent.run;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildContext;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BuiltImage;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.link.ManagerException;
import dev.buildman.agent.link.Session;
import dev.buildman.agent.logship.LogShipper;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.source.FetchedSource;
import dev.buildman.agent.source.SourceFailure;
import dev.buildman.proto.agent.BuildResult;
import dev.buildman.proto.agent.FailureCode;
import dev.buildman.proto.agent.Phase;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A registered build, step by step: fetch its source, read its Dockerfile, pull its base images,
 * build, push. Each phase is entered after the log of the one before is stored.
 */
final class BuildSteps {
  /** Far above any Dockerfile that was written by hand or by a program. */
  private static final long LONGEST_DOCKERFILE = 4 << 20;

  private final Session session;
  private final LogShipper log;
  private final Toolbox toolbox;
  private final Workspace workspace;

  BuildSteps(Session session, LogShipper log, Toolbox toolbox, Workspace workspace) {
    this.session = session;
    this.log = log;
    this.toolbox = toolbox;
    this.workspace = workspace;
  }

  /**
   * Takes all steps but the report.
   *
   * @throws BuildFailure when the build failed, for its owner's or the platform's reasons
   * @throws ManagerException when the manager allows no further phase or is gone
   * @throws InterruptedException when the build was stopped from outside
   */
  BuildResult run() throws BuildFailure, ManagerException, InterruptedException {
    try {
      enter(Phase.UNPACKING);
      WorkOrder order = WorkOrders.read(session.pack(), toolbox.registries());
      ImageReference copied = order.copied();
      if (copied != null) {
        return new CopySteps(session, log, order).run(copied);
      }
      toolbox.engines().begin(toolbox.wantedEngine());
      FetchedSource source = fetch(order);
      Dockerfile dockerfile = parse(source.dockerfile());
      log.flush();
      session.phases().pulling(BaseMetadata.of(dockerfile, order.options(), order.registries()));
      try (EngineBuild build = open(order, source, dockerfile)) {
        return build(order, build);
      }
    } catch (SourceFailure e) {
      throw BuildFailure.of(e);
    } catch (EngineFailure e) {
      throw BuildFailure.of(e);
    } catch (DockerfileException e) {
      throw BuildFailure.of(e);
    } catch (IOException e) {
      throw new BuildFailure(FailureCode.INTERNAL_ERROR, "the worker's disk: " + e);
    }
  }

  private FetchedSource fetch(WorkOrder order)
      throws SourceFailure, IOException, InterruptedException {
    return toolbox.sources().fetch(order.source(), workspace.folder("fetch"), log::line);
  }

  static Dockerfile parse(Path dockerfile) throws BuildFailure, DockerfileException, IOException {
    if (Files.size(dockerfile) > LONGEST_DOCKERFILE) {
      throw new BuildFailure(FailureCode.DOCKERFILE_ISSUE, "the Dockerfile is larger than 4 MiB");
    }
    try {
      return Dockerfile.parse(Files.readString(dockerfile));
    } catch (MalformedInputException e) {
      throw new BuildFailure(FailureCode.DOCKERFILE_ISSUE, "the Dockerfile is not UTF-8 text");
    }
  }

  private EngineBuild open(WorkOrder order, FetchedSource source, Dockerfile dockerfile)
      throws EngineFailure, IOException, InterruptedException {
    BuildContext context =
        new BuildContext(
            source.contextDir(),
            source.dockerfile(),
            new GitAdds(toolbox.sources(), order.source().location(), workspace.folder("added")));
    BuildOptions labelled =
        StandardLabels.on(
            order.source().location(),
            source,
            dockerfile,
            order.options(),
            toolbox.clock().instant());
    BuildRequest request =
        new BuildRequest(
            context, labelled, order.tags(), order.registries(), workspace.folder("engine"));
    return open(toolbox, request, dockerfile, log);
  }

  /** With the best engine that can do all of it. */
  static EngineBuild open(
      Toolbox toolbox, BuildRequest request, Dockerfile dockerfile, LogShipper log)
      throws EngineFailure, InterruptedException {
    BuildEngine engine =
        toolbox.engines().choose(toolbox.wantedEngine(), dockerfile, request.options());
    log.line("Building with the engine " + engine.name());
    return engine.open(request, log);
  }

  private BuildResult build(WorkOrder order, EngineBuild build)
      throws EngineFailure, ManagerException, InterruptedException {
    List<BaseImage> bases = build.pull();
    new CachePriming(session.cacheQuestion(), log).offer(order, build, bases);
    enter(Phase.BUILDING);
    BuiltImage image = build.build();
    log.line("Built " + image.imageId());
    // From here on a second push must be impossible: the manager agrees first.
    enter(Phase.PUSHING);
    PushResult pushed = build.push(new PushGate(session.lease()));
    pushed.digests().forEach(digest -> log.line("Pushed " + digest));
    return BuildResult.newBuilder()
        .setImageId(pushed.imageId())
        .addAllDigests(pushed.digests())
        .setSizeBytes(pushed.sizeBytes())
        .setResolvedBaseImage(bases.isEmpty() ? "" : bases.getLast().pinned())
        .build();
  }

  private void enter(Phase phase) throws ManagerException, InterruptedException {
    log.flush();
    session.phases().enter(phase);
  }
}
