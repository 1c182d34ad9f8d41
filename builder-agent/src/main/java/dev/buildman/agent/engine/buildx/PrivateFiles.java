package dev.buildman.agent.engine.buildx;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.engine.RegistryAccess;
import dev.buildman.agent.registry.Credentials;
import dev.buildman.agent.registry.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a build must not show, as files for this user alone: BuildKit gets it over its session, so
 * none of it comes into a layer, the history or a process list. All of it goes with the folder.
 */
final class PrivateFiles {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** The key under which Docker's programs keep the Hub's credentials. */
  private static final String HUB = "https://index.docker.io/v1/";

  private final Path folder;
  private int number;

  PrivateFiles(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes the credentials of the images that the build reads, and those of its cache.
   *
   * @param cacheTo written, so with the credentials for pushes where there are any
   */
  void credentials(
      Path config, RegistryAccess access, List<ImageReference> images, List<ImageReference> cacheTo)
      throws IOException {
    Map<String, Credentials> byRegistry = new LinkedHashMap<>();
    for (ImageReference image : cacheTo) {
      access
          .push()
          .find(image.repository())
          .or(() -> access.pull().find(image.repository()))
          .ifPresent(found -> byRegistry.putIfAbsent(image.repository().registry(), found));
    }
    for (ImageReference image : images) {
      access
          .pull()
          .find(image.repository())
          .ifPresent(found -> byRegistry.putIfAbsent(image.repository().registry(), found));
    }
    ObjectNode root = JSON.createObjectNode();
    ObjectNode auths = root.putObject("auths");
    byRegistry.forEach(
        (registry, known) -> {
          ObjectNode auth = auths.putObject(registry.equals("docker.io") ? HUB : registry);
          String pair = known.username() + ":" + known.password();
          auth.put(
              "auth", Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
          if (known.identityToken() != null) {
            auth.put("identitytoken", known.identityToken());
          }
        });
    write(config.resolve("config.json"), JSON.writeValueAsBytes(root));
  }

  /**
   * Writes these values.
   *
   * @return an argument for each: {@code id=<id><separator><file>}
   */
  List<String> arguments(Map<String, byte[]> values, String before, String between)
      throws IOException {
    List<String> arguments = new ArrayList<>();
    for (Map.Entry<String, byte[]> value : values.entrySet()) {
      Path file = folder.resolve("private-" + number++);
      write(file, value.getValue());
      arguments.add(before + value.getKey() + between + file);
    }
    return arguments;
  }

  private static void write(Path file, byte[] content) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(file, content);
  }
}
