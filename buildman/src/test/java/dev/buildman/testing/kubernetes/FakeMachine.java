package dev.buildman.testing.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/**
 * What a machine does with its user data, without the machine: writes the files, runs the agent
 * with the environment that they hold, and says on its console how that ended.
 */
public final class FakeMachine {
  // As the machine's own script; then the emulator ends, always well.
  private static final String BOOT =
      """
      trap 'kill -TERM $agent; wait $agent; exit 0' TERM
      %s &
      agent=$!
      wait $agent
      echo "buildman: worker ended: status=$? result=exit-code"
      exit 0
      """;

  private FakeMachine() {}

  /**
   * A machine as a process.
   *
   * @param userData a document of Ignition
   * @param own folder that stands for the machine's disk
   * @param agent shell command of the agent
   */
  public static ProcessBuilder boot(String userData, Path own, String agent) {
    try {
      Map<String, String> environment = environment(userData, own);
      ProcessBuilder machine = new ProcessBuilder("sh", "-c", BOOT.formatted(agent));
      machine.environment().putAll(environment);
      return machine.directory(own.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes what the machine hands over, and answers with its agent's environment. */
  public static Map<String, String> environment(String userData, Path own) throws IOException {
    JsonNode document = ObjectStore.parse(userData);
    JsonNode replaced = document.at("/ignition/config/replace");
    if (replaced.has("source")) {
      document = ObjectStore.parse(content(replaced));
    }
    Map<String, String> environment = new LinkedHashMap<>();
    for (JsonNode file : document.at("/storage/files")) {
      String path = file.get("path").asText();
      if (path.equals("/etc/buildman/worker.env")) {
        content(file.get("contents"))
            .lines()
            .forEach(
                line -> {
                  int equals = line.indexOf('=');
                  environment.put(line.substring(0, equals), line.substring(equals + 1));
                });
      } else if (path.startsWith("/etc/buildman/handed-over/")) {
        Path handed = Files.createDirectories(own.resolve("handed-over"));
        Files.writeString(
            handed.resolve(path.substring(path.lastIndexOf('/') + 1)),
            content(file.get("contents")));
      }
    }
    environment.replaceAll(
        (_, value) ->
            value.replace("/run/secrets/buildman", own.resolve("handed-over").toString()));
    environment.replaceAll((_, value) -> value.equals("/workspace") ? own.toString() : value);
    return environment;
  }

  private static String content(JsonNode contents) throws IOException {
    String url = contents.get("source").asText();
    byte[] bytes = Base64.getDecoder().decode(url.substring(url.indexOf(',') + 1));
    if (!contents.has("compression")) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
