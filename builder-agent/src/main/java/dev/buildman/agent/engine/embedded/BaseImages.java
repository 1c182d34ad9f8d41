package dev.buildman.agent.engine.embedded;

import dev.buildman.agent.engine.BaseImage;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineLog;
import dev.buildman.agent.engine.RegistryFailures;
import dev.buildman.agent.engine.tree.FileTree;
import dev.buildman.agent.engine.tree.Layer;
import dev.buildman.agent.engine.tree.TreeException;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.Platform;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The images of registries that a build begins with or copies from. For one thread. */
final class BaseImages {

  private static final int MAX_CONFIG_BYTES = 8 << 20;

  private final RegistryClient registry;
  private final LayerStore store;
  private final EngineLog log;
  private final Map<Key, StageImage> images = new LinkedHashMap<>();
  private final List<BaseImage> pulled = new ArrayList<>();

  private record Key(String reference, Platform platform) {}

  BaseImages(RegistryClient registry, LayerStore store, EngineLog log) {
    this.registry = registry;
    this.store = store;
    this.log = log;
  }

  /** What was pulled so far. */
  List<BaseImage> pulled() {
    return List.copyOf(pulled);
  }

  /**
   * The image, pulled when this build has not pulled it yet. Changing it does not change the next
   * answer.
   */
  StageImage get(String reference, Platform platform) throws EngineFailure, InterruptedException {
    return pulled(reference, platform).copy();
  }

  /** The image's files, which nobody changes. */
  FileTree tree(String reference, Platform platform)
      throws EngineFailure, TreeException, IOException, InterruptedException {
    return pulled(reference, platform).tree();
  }

  private StageImage pulled(String reference, Platform platform)
      throws EngineFailure, InterruptedException {
    Key key = new Key(reference, platform);
    StageImage image = images.get(key);
    if (image == null) {
      image = pull(key);
      images.put(key, image);
    }
    return image;
  }

  /** Fetches the layers too. */
  void fetch(String reference, Platform platform) throws EngineFailure, InterruptedException {
    List<Layer> layers = pulled(reference, platform).layers();
    try {
      store.fetchAll(layers);
    } catch (RegistryException e) {
      throw RegistryFailures.pull(reference, e);
    }
  }

  private StageImage pull(Key key) throws EngineFailure, InterruptedException {
    try {
      ImageReference image = ImageReference.parse(key.reference());
      log.status("Pulling from " + image.repository().path());
      Manifest manifest = registry.manifest(image, key.platform());
      byte[] json = registry.readBlob(image.repository(), manifest.config(), MAX_CONFIG_BYTES);
      ImageConfig config = ImageConfig.parse(json);
      StageImage pulledImage = new StageImage(store, config, layers(image, manifest, config));
      log.status("Digest: " + manifest.digest());
      pulled.add(
          new BaseImage(
              key.reference(),
              manifest.digest().toString(),
              manifest.config().digest().toString()));
      warnOfPlatform(key, config);
      return pulledImage;
    } catch (IllegalArgumentException e) {
      throw EngineFailure.of(
          FailureCode.DOCKERFILE_ISSUE,
          "the image " + key.reference() + " has no valid name: " + e.getMessage(),
          e);
    } catch (RegistryException e) {
      throw RegistryFailures.pull(key.reference(), e);
    } catch (IOException e) {
      throw EngineFailure.of(
          FailureCode.CANNOT_PULL_BASE_IMAGE,
          "the image " + key.reference() + " cannot be used: " + e.getMessage(),
          e);
    }
  }

  private List<Layer> layers(ImageReference image, Manifest manifest, ImageConfig config)
      throws IOException {
    List<Digest> diffIds = config.diffIds();
    if (diffIds.size() != manifest.layers().size()) {
      throw new IOException(
          "its manifest has "
              + manifest.layers().size()
              + " layers and its configuration "
              + diffIds.size());
    }
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < diffIds.size(); i++) {
      Layer layer = new Layer(manifest.layers().get(i), diffIds.get(i));
      store.knows(layer, image.repository());
      layers.add(layer);
    }
    return layers;
  }

  private void warnOfPlatform(Key key, ImageConfig config) {
    if (!key.platform().accepts(config.platform())) {
      log.output(
          "[Warning] The image "
              + key.reference()
              + " is for "
              + config.platform()
              + ", not for "
              + key.platform()
              + ".\n");
    }
  }
}
