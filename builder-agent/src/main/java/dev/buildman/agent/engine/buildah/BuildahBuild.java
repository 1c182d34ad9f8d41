package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BuiltImage;
import dev.buildman.agent.engine.EngineBuild;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.ImagePush;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One build with buildah. For one thread. */
final class BuildahBuild implements EngineBuild {
  private final BuildRequest request;
  private final BuildPlan plan;
  private final Buildah buildah;
  private final EngineLog log;
  private final RegistryClients clients;
  private @Nullable Export export;

  BuildahBuild(
      BuildRequest request,
      BuildPlan plan,
      Buildah buildah,
      EngineLog log,
      RegistryClients clients) {
    this.request = request;
    this.plan = plan;
    this.buildah = buildah;
    this.log = log;
    this.clients = clients;
  }

  @Override
  public List<BaseImage> pull() throws EngineFailure, InterruptedException {
    try {
      return new BasePull(buildah, clients.pull(), request.registries(), log).run(plan.images());
    } catch (DockerfileException e) {
      throw EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
          .at("", e.line());
    }
  }

  @Override
  public BuiltImage build() throws EngineFailure, InterruptedException {
    Path idFile = buildah.world().file("image-id");
    StepLog steps = new StepLog(plan.instructions(), log);
    Buildah.Result result = buildah.run(command(idFile), steps);
    if (!result.ok()) {
      throw steps.failure(result);
    }
    try {
      Export made = export(Files.readString(idFile).strip());
      export = made;
      return new BuiltImage(made.imageId().toString(), made.manifest().layers().size());
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }

  private List<String> command(Path idFile) {
    BuildOptions options = request.options();
    List<String> command = new ArrayList<>(List.of("build"));
    command.addAll(buildah.world().policy());
    command.add("--isolation=" + buildah.world().variables().get("BUILDAH_ISOLATION"));
    // Docker's format keeps HEALTHCHECK, ONBUILD and SHELL, which OCI's has no place for.
    command.add("--format=docker");
    command.add("--pull=never");
    // The storage is new, so there is no cache that layers of single steps could serve.
    command.add("--layers=false");
    command.add("--iidfile=" + idFile);
    options.buildArgs().forEach((name, value) -> command.add("--build-arg=" + name + "=" + value));
    options.labels().forEach((name, value) -> command.add("--label=" + name + "=" + value));
    if (options.target() != null && !options.target().isEmpty()) {
      command.add("--target=" + plan.graph().target().label());
    }
    if (options.noCache()) {
      command.add("--no-cache");
    }
    if (options.sourceDate() != null) {
      command.add("--timestamp=" + options.sourceDate().getEpochSecond());
    }
    if (options.platform() != null) {
      command.add("--platform=" + options.platform());
    }
    Path ignore = ignoreFile();
    if (ignore != null) {
      command.add("--ignorefile=" + ignore);
    }
    command.add("--file=" + buildah.world().file(World.DOCKERFILE));
    command.add("--");
    command.add(request.context().directory().toString());
    return command;
  }

  /** The ignore file of this Dockerfile alone, else the context's; never through a link. */
  private @Nullable Path ignoreFile() {
    Path dockerfile = request.context().dockerfile();
    Path own = dockerfile.resolveSibling(dockerfile.getFileName() + ".dockerignore");
    Path shared = request.context().directory().resolve(".dockerignore");
    for (Path file : List.of(own, shared)) {
      if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return file;
      }
    }
    return null;
  }

  private Export export(String imageId) throws EngineFailure, IOException, InterruptedException {
    Path folder = buildah.world().file("export");
    List<String> command = new ArrayList<>(List.of("push"));
    command.addAll(buildah.world().policy());
    command.addAll(List.of("--format=v2s2", "--quiet", imageId, "dir:" + folder));
    Buildah.Result result = buildah.run(command, (channel, line) -> {});
    if (!result.ok()) {
      throw EngineFailure.of(
          FailureCode.BUILD_RUN_ERROR, "the image could not be exported: " + result.words());
    }
    return Export.read(folder);
  }

  @Override
  public PushResult push(PushPermit permit) throws EngineFailure, InterruptedException {
    Export image = export;
    if (image == null) {
      throw new IllegalStateException("nothing is built yet");
    }
    return new ImagePush(clients, image, permit, log)
        .run(request.tags(), image.imageId().toString());
  }

  @Override
  public void close() {
    clients.close();
    buildah.clean();
  }
}
