package dev.buildman.agent.engine.buildx;

import dev.buildman.agent.process.Processes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds buildx where {@code docker buildx} finds it, or under its own name on the PATH. The program
 * works without the {@code docker} program too.
 */
final class Plugin {
  private static final String NAME = "docker-buildx";
  private static final List<String> SYSTEM =
      List.of(
          "/usr/local/lib/docker/cli-plugins",
          "/usr/local/libexec/docker/cli-plugins",
          "/usr/lib/docker/cli-plugins",
          "/usr/libexec/docker/cli-plugins");

  private Plugin() {}

  static Optional<Path> find(Map<String, String> variables, Processes processes) {
    for (String folder : folders(variables)) {
      Path file = Path.of(folder, NAME);
      if (Files.isRegularFile(file) && Files.isExecutable(file)) {
        return Optional.of(file);
      }
    }
    return processes.find(NAME).or(() -> processes.find("buildx"));
  }

  private static List<String> folders(Map<String, String> variables) {
    List<String> folders = new ArrayList<>();
    String config = variables.getOrDefault("DOCKER_CONFIG", "");
    String home = variables.getOrDefault("HOME", "");
    if (config.startsWith("/")) {
      folders.add(config + "/cli-plugins");
    } else if (home.startsWith("/")) {
      folders.add(home + "/.docker/cli-plugins");
    }
    folders.addAll(SYSTEM);
    return folders;
  }
}
