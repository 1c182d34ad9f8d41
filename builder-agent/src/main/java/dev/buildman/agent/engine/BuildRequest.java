package dev.buildman.agent.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What an engine is asked to build.
 *
 * @param context the files of the build
 * @param options what changes the result
 * @param tags full references to push to, {@code registry/namespace/name:tag}; at least one
 * @param registries credentials and transport of registries
 * @param workDir an existing empty folder for the engine alone, on a disk with room for the layers
 * @param networkTimeout how long one answer of a registry or web server may be awaited
 */
public record BuildRequest(
    BuildContext context,
    BuildOptions options,
    List<String> tags,
    RegistryAccess registries,
    Path workDir,
    Duration networkTimeout) {

  public BuildRequest {
    tags = List.copyOf(tags);
    if (tags.isEmpty()) {
      throw new IllegalArgumentException("a build needs a tag to push to");
    }
  }
}
