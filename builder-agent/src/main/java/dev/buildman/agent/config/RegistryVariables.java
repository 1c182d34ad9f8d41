package dev.buildman.agent.config;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the worker itself knows of registries: {@code REGISTRY_AUTH_FILE} or {@code DOCKER_CONFIG},
 * {@code REGISTRY_CERTS_DIR}, {@code REGISTRY_MIRRORS}. Credentials are read only where a variable
 * names them: those in the home of whoever runs the worker are not every build's.
 *
 * @param credentials a file as Docker or Podman writes it; null: none
 * @param certificates folders with a folder for each registry, the first that knows one decides;
 *     need not exist
 * @param mirrors by registry, the best first
 */
public record RegistryVariables(
    @Nullable Path credentials, List<Path> certificates, Map<String, List<String>> mirrors) {
  private static final List<Path> USUAL =
      List.of(Path.of("/etc/containers/certs.d"), Path.of("/etc/docker/certs.d"));

  public RegistryVariables {
    certificates = List.copyOf(certificates);
    mirrors = Map.copyOf(mirrors);
  }

  /** Reads the variables; what is wrong with one is told and the variable left out. */
  static RegistryVariables read(Map<String, String> variables, Consumer<String> problems) {
    return new RegistryVariables(
        credentials(variables, problems),
        certificates(variables, problems),
        mirrors(variables.getOrDefault("REGISTRY_MIRRORS", ""), problems));
  }

  private static @Nullable Path credentials(
      Map<String, String> variables, Consumer<String> problems) {
    String file = variables.getOrDefault("REGISTRY_AUTH_FILE", "");
    String folder = variables.getOrDefault("DOCKER_CONFIG", "");
    if (!file.isEmpty()) {
      return readable("REGISTRY_AUTH_FILE", file, problems);
    }
    return folder.isEmpty() ? null : readable("DOCKER_CONFIG", folder + "/config.json", problems);
  }

  private static @Nullable Path readable(String name, String text, Consumer<String> problems) {
    Path file = path(name, text, problems);
    if (file != null && !Files.isReadable(file)) {
      problems.accept(name + ": " + file + " is not a file that can be read");
      return null;
    }
    return file;
  }

  private static List<Path> certificates(Map<String, String> variables, Consumer<String> problems) {
    String text = variables.getOrDefault("REGISTRY_CERTS_DIR", "");
    if (text.isEmpty()) {
      return USUAL;
    }
    List<Path> folders = new ArrayList<>();
    for (String part : text.split(":", -1)) {
      Path folder = path("REGISTRY_CERTS_DIR", part, problems);
      if (folder != null) {
        folders.add(folder);
      }
    }
    return folders;
  }

  private static @Nullable Path path(String name, String text, Consumer<String> problems) {
    try {
      Path path = Path.of(text);
      if (path.isAbsolute()) {
        return path;
      }
      problems.accept(name + " is '" + text + "': give a path from the root on");
    } catch (InvalidPathException e) {
      problems.accept(name + " is not a path: " + e.getReason());
    }
    return null;
  }

  private static Map<String, List<String>> mirrors(String text, Consumer<String> problems) {
    Map<String, List<String>> mirrors = new LinkedHashMap<>();
    for (String pair : text.split("[,\\s]+", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0 && equals < pair.length() - 1) {
        mirrors
            .computeIfAbsent(pair.substring(0, equals), registry -> new ArrayList<>())
            .add(pair.substring(equals + 1));
      } else if (!pair.isEmpty()) {
        problems.accept(
            "REGISTRY_MIRRORS has '"
                + pair
                + "': give registry=mirror[:port][/path], comma between");
      }
    }
    return mirrors;
  }
}
