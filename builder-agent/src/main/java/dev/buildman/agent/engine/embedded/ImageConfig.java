package dev.buildman.agent.engine.embedded;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.registry.Json;
import dev.buildman.agent.registry.Platform;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An image's configuration while it is being made. Fields of a base image that this class does not
 * know are kept. For one thread.
 */
final class ImageConfig {

  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final List<String> DEFAULT_SHELL = List.of("/bin/sh", "-c");

  private final ObjectNode root;

  private ImageConfig(ObjectNode root) {
    this.root = root;
  }

  /** The configuration of an image without any layer, as Docker begins it. */
  static ImageConfig scratch(Platform platform) {
    ImageConfig config = new ImageConfig(Json.newObject());
    config.root.put("architecture", platform.architecture());
    String variant = platform.variant();
    if (variant != null) {
      config.root.put("variant", variant);
    }
    config.root.put("os", platform.os());
    config.environment(Map.of("PATH", DEFAULT_PATH));
    config.put("WorkingDir", "/");
    config.root.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    config.root.putArray("history");
    return config;
  }

  /**
   * Reads the configuration of a base image.
   *
   * @throws IOException when it is none
   */
  static ImageConfig parse(byte[] json) throws IOException {
    if (!(Json.read(json) instanceof ObjectNode root)
        || !root.path("rootfs").path("diff_ids").isArray()) {
      throw new IOException("the image's configuration is not one of a container image");
    }
    // What the builder of the base left about its own containers is not true of the new image.
    root.remove(List.of("container", "container_config", "docker_version", "id", "parent"));
    return new ImageConfig(root);
  }

  ImageConfig copy() {
    return new ImageConfig(root.deepCopy());
  }

  private ObjectNode section() {
    return root.withObject("/config");
  }

  Map<String, String> environment() {
    Map<String, String> result = new LinkedHashMap<>();
    for (JsonNode pair : root.path("config").path("Env")) {
      String text = pair.asText();
      int equals = text.indexOf('=');
      result.put(
          equals < 0 ? text : text.substring(0, equals),
          equals < 0 ? "" : text.substring(equals + 1));
    }
    return result;
  }

  void environment(Map<String, String> variables) {
    ArrayNode array = section().putArray("Env");
    variables.forEach((name, value) -> array.add(name + "=" + value));
  }

  /** A text field of the section {@code config}; empty when it is not set. */
  String get(String field) {
    return root.path("config").path(field).asText("");
  }

  void put(String field, String value) {
    section().put(field, value);
  }

  void put(String field, JsonNode value) {
    section().set(field, value);
  }

  void author(String name) {
    root.put("author", name);
  }

  void putAll(String field, List<String> values) {
    ArrayNode array = section().putArray(field);
    values.forEach(array::add);
  }

  void clear(String field) {
    section().remove(field);
  }

  /** Adds names to one of the fields that are sets, as {@code ExposedPorts} and {@code Volumes}. */
  void addNames(String field, List<String> names) {
    TreeSet<String> all = new TreeSet<>(names);
    root.path("config").path(field).fieldNames().forEachRemaining(all::add);
    ObjectNode set = section().putObject(field);
    all.forEach(set::putObject);
  }

  void addLabels(Map<String, String> labels) {
    Map<String, String> all = new TreeMap<>();
    root.path("config")
        .path("Labels")
        .properties()
        .forEach(label -> all.put(label.getKey(), label.getValue().asText()));
    all.putAll(labels);
    ObjectNode object = section().putObject("Labels");
    all.forEach(object::put);
  }

  /** The shell of the shell forms. */
  List<String> shell() {
    List<String> shell = strings(root.path("config").path("Shell"));
    return shell.isEmpty() ? DEFAULT_SHELL : shell;
  }

  void addTrigger(String trigger) {
    List<String> all = new ArrayList<>(strings(root.path("config").path("OnBuild")));
    all.add(trigger);
    putAll("OnBuild", all);
  }

  /** The triggers that the base image carries; they are gone afterwards. */
  List<String> takeTriggers() {
    List<String> triggers = strings(root.path("config").path("OnBuild"));
    if (!triggers.isEmpty()) {
      clear("OnBuild");
    }
    return triggers;
  }

  /** Digests of the unpacked layers, lowest first. */
  List<Digest> diffIds() throws IOException {
    try {
      return strings(root.path("rootfs").path("diff_ids")).stream().map(Digest::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new IOException("the image's configuration names a layer that is no digest", e);
    }
  }

  Platform platform() {
    String variant = root.path("variant").asText("");
    return new Platform(
        root.path("os").asText(""),
        root.path("architecture").asText(""),
        variant.isEmpty() ? null : variant);
  }

  /** Notes an instruction that brought no layer. */
  void addHistory(String createdBy, Instant created) {
    history(createdBy, created).put("empty_layer", true);
  }

  /** Notes an instruction together with the layer it brought. */
  void addLayer(String createdBy, Instant created, Digest diffId) {
    history(createdBy, created);
    root.withArray("/rootfs/diff_ids").add(diffId.toString());
  }

  private ObjectNode history(String createdBy, Instant created) {
    return root.withArray("/history")
        .addObject()
        .put("created", created.toString())
        .put("created_by", createdBy);
  }

  /** The document. */
  byte[] bytes(Instant created) {
    root.put("created", created.toString());
    return Json.write(root);
  }

  private static List<String> strings(JsonNode array) {
    List<String> strings = new ArrayList<>();
    array.forEach(element -> strings.add(element.asText()));
    return strings;
  }
}
