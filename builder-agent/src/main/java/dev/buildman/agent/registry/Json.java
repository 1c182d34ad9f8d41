package dev.buildman.agent.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/**
 * Reads and writes JSON as trees. Not by Jackson's mapper, which is twice as many classes as the
 * rest of it: an agent starts for every build, and each class costs its start time and memory.
 */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private Json() {}

  /** A new object without members. */
  public static ObjectNode newObject() {
    return NODES.objectNode();
  }

  /** The object in these bytes, or empty when they hold anything else. */
  static Optional<JsonNode> object(byte[] bytes) {
    try {
      JsonNode root = read(bytes);
      return root.isObject() ? Optional.of(root) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * The first value in these bytes; a missing node when there is none. Of equal members the last
   * counts.
   *
   * @throws IOException when it is no JSON, or nested deeper than 1,000
   */
  public static JsonNode read(byte[] bytes) throws IOException {
    try (JsonParser parser = FACTORY.createParser(bytes)) {
      return parser.nextToken() == null ? MissingNode.getInstance() : value(parser);
    }
  }

  /** Values that arrive one after the other; each is given as soon as it is whole. */
  public static final class Values implements AutoCloseable {
    private final JsonParser parser;

    private Values(JsonParser parser) {
      this.parser = parser;
    }

    /**
     * The next value, or empty at the end of the stream.
     *
     * @throws IOException when it is no JSON, or the stream broke
     */
    public Optional<JsonNode> next() throws IOException {
      return parser.nextToken() == null ? Optional.empty() : Optional.of(value(parser));
    }

    @Override
    public void close() throws IOException {
      parser.close();
    }
  }

  /** The values of a stream, which is closed with them. */
  public static Values values(InputStream in) throws IOException {
    return new Values(FACTORY.createParser(in));
  }

  private static JsonNode value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> members(parser);
      case START_ARRAY -> elements(parser);
      case VALUE_STRING -> NODES.textNode(parser.getText());
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> NODES.numberNode(parser.getDecimalValue());
      case VALUE_TRUE, VALUE_FALSE -> NODES.booleanNode(parser.getBooleanValue());
      default -> NODES.nullNode();
    };
  }

  private static ObjectNode members(JsonParser parser) throws IOException {
    ObjectNode object = NODES.objectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      object.set(name, value(parser));
    }
    return object;
  }

  private static ArrayNode elements(JsonParser parser) throws IOException {
    ArrayNode array = NODES.arrayNode();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      array.add(value(parser));
    }
    return array;
  }

  private static JsonNode integer(JsonParser parser) throws IOException {
    return switch (parser.getNumberType()) {
      case INT -> NODES.numberNode(parser.getIntValue());
      case LONG -> NODES.numberNode(parser.getLongValue());
      default -> NODES.numberNode(parser.getBigIntegerValue());
    };
  }

  /** As JSON without blanks, members in their order. */
  public static byte[] write(JsonNode node) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      write(json, node);
    } catch (IOException e) {
      throw new UncheckedIOException("bytes in memory do not fail to be written", e);
    }
    return bytes.toByteArray();
  }

  private static void write(JsonGenerator json, JsonNode node) throws IOException {
    switch (node.getNodeType()) {
      case OBJECT -> {
        json.writeStartObject();
        for (Map.Entry<String, JsonNode> member : node.properties()) {
          json.writeFieldName(member.getKey());
          write(json, member.getValue());
        }
        json.writeEndObject();
      }
      case ARRAY -> {
        json.writeStartArray();
        for (JsonNode element : node) {
          write(json, element);
        }
        json.writeEndArray();
      }
      case NUMBER -> json.writeNumber(node.asText());
      case BOOLEAN -> json.writeBoolean(node.booleanValue());
      case STRING -> json.writeString(node.textValue());
      default -> json.writeNull();
    }
  }
}
