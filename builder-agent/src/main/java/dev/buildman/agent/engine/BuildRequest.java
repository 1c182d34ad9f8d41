package dev.buildman.agent.engine;

import dev.buildman.agent.registry.ImageReference;
import java.nio.file.Path;
import java.util.List;

/**
 * What an engine is asked to build.
 *
 * @param context the files of the build
 * @param options what changes the result
 * @param tags what to push to; at least one, none with a digest
 * @param registries credentials and transport of registries
 * @param workDir an existing empty folder for the engine alone, on a disk with room for the layers
 */
public record BuildRequest(
    BuildContext context,
    BuildOptions options,
    List<ImageReference> tags,
    RegistryAccess registries,
    Path workDir) {

  public BuildRequest {
    tags = List.copyOf(tags);
    if (tags.isEmpty()) {
      throw new IllegalArgumentException("a build needs a tag to push to");
    }
  }
}
