package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.PushableImage;
import dev.buildman.agent.registry.BlobContent;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A built image as files, ready to be pushed.
 *
 * @param folder with one file for each blob, named by its hex digest
 * @param manifest of the image
 */
record Export(Path folder, Manifest manifest) implements PushableImage {

  static Export read(Path folder) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve("manifest.json"));
    return new Export(folder, Manifest.parse(MediaTypes.DOCKER_MANIFEST, bytes));
  }

  Digest imageId() {
    return manifest.config().digest();
  }

  @Override
  public BlobContent content(Descriptor blob) {
    return BlobContent.of(folder.resolve(blob.digest().hex()));
  }
}
