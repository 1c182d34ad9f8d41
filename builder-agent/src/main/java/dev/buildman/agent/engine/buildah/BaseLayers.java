package dev.buildman.agent.engine.buildah;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.registry.Descriptor;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Manifest;
import dev.buildman.agent.registry.RegistryClient;
import dev.buildman.agent.registry.Repository;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of the images that were pulled: how their registries keep each layer, so that it is
 * never packed again, and what variables they set. For one thread.
 */
final class BaseLayers {

  /**
   * A layer as a registry keeps it.
   *
   * @param registry by which it can be had
   */
  record Known(Descriptor blob, Repository origin, RegistryClient registry) {}

  private final Map<String, Known> byContent = new HashMap<>();
  private final Map<String, Map<String, String>> environments = new HashMap<>();

  /**
   * Notes an image.
   *
   * @param reference as in the Dockerfile, variables replaced
   * @param registry by which its layers can be had
   * @param config its configuration
   * @throws IOException when the configuration cannot be read
   */
  void add(
      String reference,
      Repository origin,
      RegistryClient registry,
      Manifest manifest,
      byte[] config)
      throws IOException {
    JsonNode root = Json.read(config);
    layers(origin, registry, manifest, root);
    Map<String, String> environment = new LinkedHashMap<>();
    for (JsonNode pair : root.path("config").path("Env")) {
      String[] parts = pair.asText().split("=", 2);
      environment.put(parts[0], parts.length > 1 ? parts[1] : "");
    }
    environments.put(reference, environment);
  }

  /** Notes the layers of an image that is not built on: those of it that come out again. */
  void addLayers(Repository origin, RegistryClient registry, Manifest manifest, byte[] config)
      throws IOException {
    layers(origin, registry, manifest, Json.read(config));
  }

  private void layers(
      Repository origin, RegistryClient registry, Manifest manifest, JsonNode config) {
    JsonNode contents = config.path("rootfs").path("diff_ids");
    if (contents.size() == manifest.layers().size()) {
      for (int i = 0; i < contents.size(); i++) {
        byContent.putIfAbsent(
            contents.get(i).asText(), new Known(manifest.layers().get(i), origin, registry));
      }
    }
  }

  /** The layer with this unpacked content, by its digest. */
  Optional<Known> layer(String content) {
    return Optional.ofNullable(byContent.get(content));
  }

  /** The variables of a pulled image. */
  Map<String, String> environment(String reference) {
    return environments.getOrDefault(reference, Map.of());
  }
}
