package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.BuildPlan;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.BuiltImage;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.ImageBuild;
import dev.buildman.agent.engine.ImagePush;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One build with buildah, for one platform. For one thread. */
final class BuildahBuild implements ImageBuild {
  private static final int LARGEST_CONFIG = 8 << 20;

  private final BuildRequest request;
  private final BuildPlan plan;
  private final Buildah buildah;
  private final EngineLog log;
  private final RegistryClients clients;
  private final BaseLayers bases = new BaseLayers();
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
      return new BasePull(buildah, clients.pull(), request.registries(), bases, log)
          .run(plan.images());
    } catch (DockerfileException e) {
      throw wrong(e);
    }
  }

  @Override
  public BuiltImage build() throws EngineFailure, InterruptedException {
    try {
      Path idFile = new BuildRun(request, plan, buildah, bases, log).run();
      Export made = export(Files.readString(idFile).strip());
      export = made;
      return new BuiltImage(made.imageId().toString(), made.manifest().layers().size());
    } catch (DockerfileException e) {
      throw wrong(e);
    } catch (IOException e) {
      throw Failures.local(e);
    }
  }

  private static EngineFailure wrong(DockerfileException e) {
    return EngineFailure.of(FailureCode.DOCKERFILE_ISSUE, String.valueOf(e.getMessage()), e)
        .at("", e.line());
  }

  private Export export(String imageId) throws EngineFailure, IOException, InterruptedException {
    for (ImageReference tag : request.tags()) {
      learn(tag);
    }
    Path folder = Files.createDirectory(buildah.world().file("export"));
    try (LoopbackRegistry registry =
        LoopbackRegistry.start(folder, digest -> bases.layer(digest).isPresent())) {
      List<String> command = new ArrayList<>(List.of("push"));
      command.addAll(buildah.world().policy());
      command.addAll(List.of("--format=v2s2", "--quiet", "--tls-verify=false"));
      command.addAll(List.of(imageId, registry.destination()));
      Buildah.Result result = buildah.run(command, (channel, line) -> {});
      byte[] manifest = registry.manifest();
      if (!result.ok() || manifest == null) {
        throw EngineFailure.of(
            FailureCode.BUILD_RUN_ERROR, "the image could not be exported: " + result.words());
      }
      return Export.read(folder, manifest, bases, request.options().createdLabel());
    }
  }

  /** A help only: layers of which the registry does not tell are packed and sent again. */
  private void learn(ImageReference tag) throws IOException, InterruptedException {
    RegistryClient registry = clients.push();
    Platform asked = request.options().platform();
    try {
      if (registry.digest(tag).isPresent()) {
        Manifest there = registry.manifest(tag, asked == null ? Platform.ofThisMachine() : asked);
        byte[] config = registry.readBlob(tag.repository(), there.config(), LARGEST_CONFIG);
        bases.addLayers(tag.repository(), registry, there, config);
      }
    } catch (RegistryException e) {
      // A push that cannot be will say so itself.
      return;
    }
  }

  @Override
  public PushableImage image() {
    Export image = export;
    if (image == null) {
      throw new IllegalStateException("nothing is built yet");
    }
    return image;
  }

  @Override
  public PushResult push(PushPermit permit) throws EngineFailure, InterruptedException {
    PushableImage image = image();
    return new ImagePush(clients, image, permit, log)
        .run(request.tags(), image.manifest().config().digest().toString());
  }

  @Override
  public void close() {
    clients.close();
    buildah.clean();
  }
}
