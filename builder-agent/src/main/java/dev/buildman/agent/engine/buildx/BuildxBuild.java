package dev.buildman.agent.engine.buildx;

import static java.util.stream.Collectors.toSet;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BuiltImage;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.ImagePush;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.process.Exit;
import dev.buildman.agent.process.Lines;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.runtime.Folders;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One build with buildx. For one thread. */
final class BuildxBuild implements EngineBuild {
  private static final Logger logger = LoggerFactory.getLogger(BuildxBuild.class);
  private static final int MAX_LINE = 1 << 20; // one JSON message, with a part of the output in it

  private final BuildRequest request;
  private final BuildPlan plan;
  private final Buildx buildx;
  private final Outlet outlet;
  private final EngineLog log;
  private final RegistryClients clients;
  private List<BaseImage> bases = List.of();
  private @Nullable PushableImage image;

  BuildxBuild(
      BuildRequest request,
      BuildPlan plan,
      Buildx buildx,
      Outlet outlet,
      EngineLog log,
      RegistryClients clients) {
    this.request = request;
    this.plan = plan;
    this.buildx = buildx;
    this.outlet = outlet;
    this.log = log;
    this.clients = clients;
  }

  @Override
  public List<BaseImage> pull() throws EngineFailure, InterruptedException {
    try {
      List<BaseImage> images = new ArrayList<>();
      for (BuildPlan.Wanted wanted : plan.images()) {
        images.add(BaseLookup.find(wanted, clients.pull(), outlet, log));
      }
      bases = List.copyOf(images);
      return images;
    } catch (DockerfileException e) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
          .at("", e.line());
    }
  }

  @Override
  public BuiltImage build() throws EngineFailure, InterruptedException {
    try {
      PrivateFiles files = new PrivateFiles(request.workDir());
      files.credentials(
          buildx.config(), request.registries(), read(), request.options().cache().to());
      BuildArguments arguments = new BuildArguments(request, files, buildx.own().keySet());
      String problem = buildx.prepare();
      if (!problem.isEmpty()) {
        throw EngineFailure.of(FailureCode.DOCKER_CONNECT_ERROR, problem);
      }
      List<String> words = arguments.words(outlet.argument());
      try {
        run(BuildArguments.pinned(bases, words), arguments.variables(), pinned());
      } catch (EngineFailure e) {
        // BuildKit before 0.10, as in Docker before 23, can only go by the tags.
        if (!e.message().contains("moby.buildkit.frontend.contexts")) {
          throw e;
        }
        run(words, arguments.variables(), Set.of());
      }
      PushableImage made = outlet.take();
      image = made;
      Manifest first = made.manifest().isIndex() ? made.images().getFirst() : made.manifest();
      return new BuiltImage(first.config().digest().toString(), first.layers().size());
    } catch (IOException e) {
      throw EngineFailure.of(
          FailureCode.BUILD_RUN_ERROR, "buildx cannot work on this machine: " + e.getMessage(), e);
    }
  }

  private Set<String> pinned() {
    return bases.stream().map(BaseImage::reference).filter(r -> !r.contains("@")).collect(toSet());
  }

  private void run(List<String> words, Map<String, String> variables, Set<String> pinned)
      throws EngineFailure, IOException, InterruptedException {
    StepNames steps = new StepNames(plan.graph(), plan.instructions(), pinned);
    Progress progress = new Progress(steps, log);
    Exit exit = buildx.build(words, variables, new Lines(MAX_LINE, progress));
    if (!exit.ok()) {
      throw progress.failure(exit.describe());
    }
  }

  private List<ImageReference> read() {
    List<ImageReference> images = new ArrayList<>(plan.references());
    images.addAll(request.options().cache().from());
    return images;
  }

  @Override
  public PushResult push(PushPermit permit) throws EngineFailure, InterruptedException {
    PushableImage made = image;
    if (made == null) {
      throw new IllegalStateException("nothing is built yet");
    }
    Manifest first = made.manifest().isIndex() ? made.images().getFirst() : made.manifest();
    return new ImagePush(clients, made, permit, log)
        .run(request.tags(), first.config().digest().toString());
  }

  @Override
  public void close() {
    clients.close();
    outlet.close();
    try {
      Folders.delete(request.workDir());
    } catch (IOException e) {
      logger.warn(
          "a build's folder is left behind: folder={}, because={}",
          request.workDir(),
          e.toString());
    }
  }
}
