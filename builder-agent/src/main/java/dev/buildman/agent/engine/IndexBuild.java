package dev.buildman.agent.engine;

import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Builds for several platforms, one after the other, and pushes them as one index: nothing is
 * pushed unless all could be built. For one thread.
 */
public final class IndexBuild implements EngineBuild {

  /** Begins the build for one platform. */
  @FunctionalInterface
  public interface Opening {
    /** Opens a request that names one platform. */
    ImageBuild open(BuildRequest request) throws EngineFailure, InterruptedException;
  }

  private final BuildRequest request;
  private final EngineLog log;
  private final RegistryClients clients;
  private final Map<Platform, ImageBuild> builds = new LinkedHashMap<>();

  private IndexBuild(BuildRequest request, EngineLog log, Sleeper sleeper) {
    this.request = request;
    this.log = log;
    this.clients = new RegistryClients(request.registries(), sleeper);
  }

  /**
   * Opens a build for each platform, in a folder of its own.
   *
   * @throws EngineFailure as {@link BuildEngine#open}
   */
  public static IndexBuild open(
      BuildRequest request, EngineLog log, Sleeper sleeper, Opening opening)
      throws EngineFailure, InterruptedException {
    IndexBuild index = new IndexBuild(request, log, sleeper);
    try {
      for (Platform platform : request.options().platforms()) {
        index.builds.put(platform, opening.open(index.requestFor(platform)));
      }
    } catch (EngineFailure | InterruptedException e) {
      index.close();
      throw e;
    }
    return index;
  }

  private BuildRequest requestFor(Platform platform) throws EngineFailure {
    Path folder = request.workDir().resolve(platform.toString().replace('/', '-'));
    try {
      Files.createDirectory(folder);
    } catch (IOException e) {
      throw EngineFailure.of(
          FailureCode.BUILD_RUN_ERROR, "the work folder cannot be used: " + e.getMessage(), e);
    }
    return new BuildRequest(
        request.context(),
        request.options().forPlatform(platform),
        request.tags(),
        request.registries(),
        folder);
  }

  @Override
  public List<BaseImage> pull() throws EngineFailure, InterruptedException {
    List<BaseImage> pulled = new ArrayList<>();
    for (ImageBuild build : builds.values()) {
      pulled.addAll(build.pull());
    }
    return pulled.stream().distinct().toList();
  }

  @Override
  public BuiltImage build() throws EngineFailure, InterruptedException {
    BuiltImage last = new BuiltImage("", 0);
    int number = 0;
    for (Map.Entry<Platform, ImageBuild> build : builds.entrySet()) {
      number++;
      log.output("# Building for %s (%d of %d)\n".formatted(build.getKey(), number, builds.size()));
      last = build.getValue().build();
    }
    return last;
  }

  @Override
  public PushResult push(PushPermit permit) throws EngineFailure, InterruptedException {
    try {
      ImageIndex index = ImageIndex.of(images());
      String imageId = index.images().getFirst().config().digest().toString();
      PushResult pushed = new ImagePush(clients, index, permit, log).run(request.tags(), imageId);
      LinkedHashSet<String> digests = new LinkedHashSet<>(pushed.digests());
      index.images().forEach(image -> digests.add(image.digest().toString()));
      return new PushResult(imageId, List.copyOf(digests), pushed.sizeBytes());
    } catch (RegistryException e) {
      throw EngineFailure.of(
          FailureCode.BUILD_RUN_ERROR, "the index cannot be made: " + e.getMessage(), e);
    }
  }

  private Map<Platform, PushableImage> images() {
    Map<Platform, PushableImage> images = new LinkedHashMap<>();
    builds.forEach((platform, build) -> images.put(platform, build.image()));
    return images;
  }

  @Override
  public void close() {
    builds.values().forEach(EngineBuild::close);
    clients.close();
  }
}
