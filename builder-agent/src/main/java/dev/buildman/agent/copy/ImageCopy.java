package dev.buildman.agent.copy;

import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.ImagePush;
import dev.buildman.agent.engine.PushPermit;
import dev.buildman.agent.engine.PushResult;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.engine.RegistryFailures;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.agent.runtime.Sleeper;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Copies one image, with all its platforms and under its own digest. Its blobs are mounted where
 * both names are of one registry, else streamed from one to the other: the worker's disk sees none
 * of them. For one thread.
 */
public final class ImageCopy implements AutoCloseable {
  private final ImageReference from;
  private final RegistryClients clients;
  private final EngineLog log;

  /**
   * A copy of this image.
   *
   * @param access to both registries
   */
  public ImageCopy(ImageReference from, RegistryAccess access, Sleeper sleeper, EngineLog log) {
    this.from = from;
    this.clients = new RegistryClients(access, sleeper);
    this.log = log;
  }

  /**
   * Reads its manifests: what is copied from here on is what the name stood for now.
   *
   * @throws EngineFailure what {@link RegistryFailures#pull} makes of a refusal
   */
  public SourceImage read() throws EngineFailure, InterruptedException {
    log.status("Pulling from " + from);
    try {
      SourceImage image = SourceImage.read(clients.pull(), from);
      log.status("Digest: " + image.manifest().digest());
      if (image.manifest().isIndex()) {
        log.status("Platforms: " + platforms(image.manifest()));
      }
      return image;
    } catch (RegistryException e) {
      throw RegistryFailures.pull(from.toString(), e);
    }
  }

  private static String platforms(Manifest index) {
    return index.images().stream()
        .map(image -> image.platform() == null ? "(none)" : String.valueOf(image.platform()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  /**
   * Pushes it to every tag, the tags last.
   *
   * @throws EngineFailure what {@link RegistryFailures} makes of a refusal of either registry, or
   *     what the permit throws
   */
  public PushResult push(SourceImage image, List<ImageReference> tags, PushPermit permit)
      throws EngineFailure, InterruptedException {
    try {
      return new ImagePush(clients, image, permit, log).run(tags, image.imageId());
    } catch (EngineFailure e) {
      // A push fails too when the bytes that it is to send do not come.
      Optional<RegistryException> source = image.failure();
      throw source.isPresent() ? RegistryFailures.pull(from.toString(), source.get()) : e;
    }
  }

  /** Drops all connections. */
  @Override
  public void close() {
    clients.close();
  }
}
