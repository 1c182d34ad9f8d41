package dev.buildman.agent.engine.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Platform;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The parameters of a build as the API takes them. */
final class BuildQuery {
  /** Microseconds; with the quota it says how much of the processors' time there is. */
  private static final int CPU_PERIOD = 100_000;

  private static final int MILLIS = 1000;

  private final BuildOptions options;
  private final String dockerfile;
  private final String name = "localhost/buildman/" + UUID.randomUUID() + ":build";

  /**
   * @param dockerfile its path in the context
   */
  BuildQuery(BuildOptions options, String dockerfile) {
    this.options = options;
    this.dockerfile = dockerfile;
  }

  /** A name that no other image has, under which the image lies until it is pushed. */
  String name() {
    return name;
  }

  /**
   * All parameters. The Dockerfile ends with its target, so that none is named.
   *
   * @param cache images in the daemon that steps may be taken from
   * @param created text of the label that says when the image was made; null: there is none
   */
  Map<String, String> withCache(List<String> cache, @Nullable String created) {
    Map<String, String> labels = new HashMap<>(options.labels());
    if (created != null) {
      labels.put(BuildOptions.CREATED, created);
    }
    Map<String, String> query = new LinkedHashMap<>();
    query.put("version", "1");
    query.put("t", name);
    query.put("dockerfile", dockerfile);
    query.put("rm", "1");
    query.put("forcerm", "1");
    // Only Podman reads it: layers of single steps serve nobody, as nothing is kept of a build.
    query.put("layers", "0");
    query.put("buildargs", json(options.buildArgs()));
    query.put("labels", json(labels));
    if (options.noCache()) {
      query.put("nocache", "1");
    }
    if (!cache.isEmpty()) {
      query.put("cachefrom", json(cache));
    }
    Platform platform = options.platform();
    if (platform != null) {
      query.put("platform", platform.toString());
    }
    limits(query);
    return query;
  }

  private void limits(Map<String, String> query) {
    long memory = options.run().memoryBytes();
    if (memory > 0) {
      query.put("memory", String.valueOf(memory));
      // Memory and swap together: what is limited does not go on in swap.
      query.put("memswap", String.valueOf(memory));
    }
    int cpu = options.run().cpuMillis();
    if (cpu > 0) {
      query.put("cpuperiod", String.valueOf(CPU_PERIOD));
      query.put("cpuquota", String.valueOf((long) cpu * CPU_PERIOD / MILLIS));
    }
  }

  private static String json(Map<String, String> pairs) {
    ObjectNode object = Json.newObject();
    pairs.forEach(object::put);
    return text(object);
  }

  private static String json(List<String> values) {
    ArrayNode array = Json.newObject().putArray("values");
    values.forEach(array::add);
    return text(array);
  }

  private static String text(JsonNode node) {
    return new String(Json.write(node), StandardCharsets.UTF_8);
  }
}
