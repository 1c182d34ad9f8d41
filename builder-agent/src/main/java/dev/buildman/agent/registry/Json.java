package dev.buildman.agent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Optional;

/** Reads a registry's JSON; whatever is no object is nothing. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /** The object in these bytes, or empty when they hold anything else. */
  static Optional<JsonNode> object(byte[] bytes) {
    try {
      JsonNode root = MAPPER.readTree(bytes);
      return root != null && root.isObject() ? Optional.of(root) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
