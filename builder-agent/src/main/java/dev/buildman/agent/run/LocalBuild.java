package dev.buildman.agent.run;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.BuildContext;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BuiltImage;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.logship.LogShipper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.source.FetchedSource;
import dev.buildman.agent.source.SourceFailure;
import dev.buildman.proto.agent.BuildPack;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One build without a manager, by the same parts and with the same log: no session, no phases, no
 * lease. For one thread.
 */
public final class LocalBuild {
  private final Toolbox toolbox;
  private final LogShipper.Sink sink;
  private final Ticker ticker;

  /**
   * What is built.
   *
   * @param pack as a manager would give it; without a source when there is a folder
   * @param folder a context on this machine, with the Dockerfile's path in it; null: the pack says
   *     where the source is
   * @param push whether the image is pushed to its tags
   */
  public record Order(BuildPack pack, @Nullable Folder folder, boolean push) {}

  /**
   * A context on this machine.
   *
   * @param context an existing folder
   * @param dockerfile an existing file
   */
  public record Folder(Path context, Path dockerfile) {}

  /**
   * @param sink where the log goes, line by line as a manager gets it
   */
  public LocalBuild(Toolbox toolbox, LogShipper.Sink sink, Ticker ticker) {
    this.toolbox = toolbox;
    this.sink = sink;
    this.ticker = ticker;
  }

  /** Builds on this thread. An interrupt ends it within seconds with {@link Outcome#TERMINATED}. */
  public Outcome run(Order order) {
    try (LogShipper log = LogShipper.start(sink, 1, PackSecrets.of(order.pack(), ""), ticker)) {
      try (Workspace workspace = Workspace.create(toolbox.workDirectory(), toolbox.keepWork())) {
        build(order, workspace, log);
        return Outcome.COMPLETE;
      } catch (BuildFailure e) {
        return failed(log, e);
      } catch (SourceFailure e) {
        return failed(log, BuildFailure.of(e));
      } catch (EngineFailure e) {
        return failed(log, BuildFailure.of(e));
      } catch (DockerfileException e) {
        return failed(log, BuildFailure.of(e));
      } catch (IOException e) {
        return failed(log, new BuildFailure(FailureCode.INTERNAL_ERROR, "the disk: " + e));
      }
    } catch (InterruptedException e) {
      return Outcome.TERMINATED;
    }
  }

  private static Outcome failed(LogShipper log, BuildFailure failure) {
    new FailureReport(failure, log.lastLines()).lines().forEach(log::line);
    return Outcome.FAILED;
  }

  private void build(Order order, Workspace workspace, LogShipper log)
      throws BuildFailure,
          SourceFailure,
          EngineFailure,
          DockerfileException,
          IOException,
          InterruptedException {
    WorkOrder work = WorkOrders.read(order.pack(), toolbox.registries());
    BuildContext context = context(order, work, workspace, log);
    Dockerfile dockerfile = BuildSteps.parse(context.dockerfile());
    BuildRequest request =
        new BuildRequest(
            context, work.options(), work.tags(), work.registries(), workspace.folder("engine"));
    try (EngineBuild build = BuildSteps.open(toolbox, request, dockerfile, log)) {
      build.pull();
      BuiltImage image = build.build();
      log.line("Built " + image.imageId());
      if (order.push()) {
        PushResult pushed = build.push(() -> {});
        pushed.digests().forEach(digest -> log.line("Pushed " + digest));
      }
    }
  }

  private BuildContext context(Order order, WorkOrder work, Workspace workspace, LogShipper log)
      throws SourceFailure, IOException, InterruptedException {
    Folder folder = order.folder();
    if (folder != null) {
      return new BuildContext(folder.context(), folder.dockerfile(), adds(work, workspace));
    }
    FetchedSource source =
        toolbox.sources().fetch(work.source(), workspace.folder("fetch"), log::line);
    return new BuildContext(source.contextDir(), source.dockerfile(), adds(work, workspace));
  }

  private GitAdds adds(WorkOrder work, Workspace workspace) throws IOException {
    return new GitAdds(toolbox.sources(), work.source().location(), workspace.folder("added"));
  }
}
