package dev.buildman.agent.engine.docker;

import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.engine.RegistryClients;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryException;
import java.io.IOException;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a built image out of the daemon, without what registries have already: layers of the base
 * images and of what the tags name now. An image that did not change is not exported at all.
 */
public final class Export {
  private static final Logger log = LoggerFactory.getLogger(Export.class);

  private final Daemon daemon;
  private final KnownImages known;
  private final BuildRequest request;
  private final RegistryClients clients;

  /**
   * @param known images whose layers the built one may have
   * @param clients of the build
   */
  public Export(Daemon daemon, KnownImages known, BuildRequest request, RegistryClients clients) {
    this.daemon = daemon;
    this.known = known;
    this.request = request;
    this.clients = clients;
  }

  /**
   * The image, ready to be pushed.
   *
   * @param name the daemon's name of it
   * @param id of it by the daemon's word: digest of its configuration, or of its manifest where the
   *     daemon keeps images as containerd does
   * @param config what is made of the configuration of an image that no registry has
   * @throws IOException when what it exports is not an image, or the work folder is full
   */
  public PushableImage of(String name, String id, UnaryOperator<byte[]> config)
      throws DaemonException, IOException, InterruptedException {
    for (ImageReference tag : request.tags()) {
      learn(tag);
    }
    Optional<Manifest> unchanged = known.image(Digest.parse(id));
    if (unchanged.isPresent()) {
      return SavedImage.known(unchanged.get(), known);
    }
    return daemon.save(name, stream -> ImageArchive.read(stream, request.workDir(), known, config));
  }

  /** A help only: what the registry does not tell is sent again. */
  private void learn(ImageReference tag) throws InterruptedException {
    Platform asked = request.options().platform();
    try {
      if (clients.push().digest(tag).isPresent()) {
        Manifest manifest =
            clients.push().manifest(tag, asked == null ? Platform.ofThisMachine() : asked);
        known.learn(clients.push(), tag.repository(), manifest);
      }
    } catch (RegistryException e) {
      log.debug("nothing is known of a tag: tag={}, because={}", tag, e.getMessage());
    }
  }
}
