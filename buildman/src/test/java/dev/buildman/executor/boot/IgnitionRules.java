package dev.buildman.executor.boot;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;

/**
 * What Ignition 3.1 demands of a document, as far as ours use it: the fields that there are (it
 * ignores others, so that a misspelled one would be lost), their types, and the rules that its own
 * checker enforces on paths, modes, URLs and units.
 */
final class IgnitionRules {
  private static final Set<String> UNIT_KINDS =
      Set.of("service", "socket", "timer", "mount", "target", "path", "slice");

  private final List<String> broken = new ArrayList<>();

  private IgnitionRules() {}

  /** The rules that a document breaks; none when it is well. */
  static List<String> broken(JsonNode document) {
    IgnitionRules rules = new IgnitionRules();
    rules.document(document);
    return rules.broken;
  }

  private void document(JsonNode document) {
    fields(document, "$", List.of("ignition"), List.of("passwd", "storage", "systemd"));
    JsonNode about = document.path("ignition");
    fields(about, "ignition", List.of("version"), List.of("config"));
    must(about.path("version").asText().equals("3.1.0"), "ignition.version is 3.1.0");
    if (about.has("config")) {
      fields(about.get("config"), "config", List.of("replace"), List.of());
      contents(about.at("/config/replace"), "config.replace");
    }
    document.path("passwd").path("users").forEach(this::user);
    Set<String> paths = new HashSet<>();
    for (JsonNode directory : document.path("storage").path("directories")) {
      node(directory, List.of("path", "mode"), paths);
    }
    for (JsonNode file : document.path("storage").path("files")) {
      node(file, List.of("path", "overwrite", "mode", "contents"), paths);
      contents(file.path("contents"), file.path("path").asText());
    }
    for (JsonNode link : document.path("storage").path("links")) {
      String path = link.path("path").asText();
      fields(link, path, List.of("path", "target", "hard"), List.of());
      must(paths.add(path), "each path once: " + path);
    }
    Set<String> units = new HashSet<>();
    for (JsonNode unit : document.path("systemd").path("units")) {
      must(units.add(unit.path("name").asText()), "one unit of each name: " + unit.path("name"));
      unit(unit);
    }
  }

  private void user(JsonNode user) {
    fields(user, "user", List.of("name"), List.of("sshAuthorizedKeys"));
    user.path("sshAuthorizedKeys").forEach(key -> must(key.isTextual(), "a key is a text"));
  }

  private void node(JsonNode node, List<String> known, Set<String> paths) {
    String path = node.path("path").asText();
    fields(node, path, known, List.of());
    must(path.startsWith("/") && !path.contains("//") && !path.endsWith("/"), "absolute: " + path);
    must(paths.add(path), "each path once: " + path);
    int mode = node.path("mode").asInt(-1);
    must(node.path("mode").isInt() && mode >= 0 && mode <= 07777, "a mode: " + path);
    must(!node.has("overwrite") || node.get("overwrite").isBoolean(), "overwrite: " + path);
  }

  private void contents(JsonNode contents, String of) {
    fields(contents, of, List.of("source"), List.of("compression"));
    String compression = contents.path("compression").asText("");
    must(Set.of("", "gzip").contains(compression), "a compression that is known: " + of);
    try {
      decoded(contents);
    } catch (RuntimeException e) {
      broken.add("a data URL that can be read: " + of + ": " + e);
    }
  }

  private void unit(JsonNode unit) {
    String name = unit.path("name").asText();
    fields(unit, name, List.of("name"), List.of("enabled", "mask", "contents", "dropins"));
    must(UNIT_KINDS.contains(name.substring(name.lastIndexOf('.') + 1)), "kind of unit: " + name);
    must(!unit.has("enabled") || unit.get("enabled").isBoolean(), "enabled: " + name);
    if (unit.path("enabled").asBoolean()) {
      must(unit.path("contents").asText().contains("[Install]\n"), "[Install] to enable: " + name);
    }
    if (unit.has("contents")) {
      systemd(name, unit.get("contents").asText());
    }
    for (JsonNode dropin : unit.path("dropins")) {
      fields(dropin, name, List.of("name", "contents"), List.of());
      must(dropin.path("name").asText().endsWith(".conf"), "a drop-in ends in .conf: " + name);
      systemd(name, dropin.path("contents").asText());
    }
  }

  private void systemd(String name, String text) {
    for (String line : text.lines().toList()) {
      must(
          line.isEmpty()
              || line.matches("\\[[A-Z][A-Za-z]+]")
              || line.matches("[A-Z][A-Za-z0-9]+=.+"),
          "a line of a unit: " + name + ": " + line);
    }
  }

  private void fields(JsonNode node, String where, List<String> needed, List<String> more) {
    must(node.isObject(), "an object: " + where);
    needed.forEach(field -> must(node.has(field), "needs " + field + ": " + where));
    node.fieldNames()
        .forEachRemaining(
            field ->
                must(
                    needed.contains(field) || more.contains(field),
                    "no field " + field + " in " + where));
    node.forEach(value -> must(!value.isNull(), "nothing is null: " + where));
  }

  private void must(boolean holds, String rule) {
    if (!holds) {
      broken.add(rule);
    }
  }

  /** What a machine finds behind a source. */
  static String decoded(JsonNode contents) {
    String url = contents.path("source").asText();
    int comma = url.indexOf(',');
    if (!url.startsWith("data:") || comma < 0) {
      throw new IllegalArgumentException("no data URL");
    }
    String data = url.substring(comma + 1);
    byte[] bytes =
        url.substring(0, comma).endsWith(";base64")
            ? Base64.getDecoder().decode(data)
            : URLDecoder.decode(data, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    if (!contents.has("compression")) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
