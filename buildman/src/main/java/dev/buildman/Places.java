package dev.buildman;

import dev.buildman.config.ConfigMap;
import java.nio.file.Path;

/**
 * Where this program and its user keep things; the defaults of paths.
 *
 * @param ourAgent the agent's program that came with this manager
 * @param userData the user's own folder for data, {@code ~/.local/share} where nothing else is set
 */
public record Places(Path ourAgent, Path userData) {

  /** {@code DATA_DIRECTORY}. */
  Path data(ConfigMap ours) {
    return ours.path("DATA_DIRECTORY").orElse(userData.resolve("buildman"));
  }
}
