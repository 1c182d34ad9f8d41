package dev.buildman.buildlogs;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Entries as they lie in Redis: {@code {"message":…,"type":…,"data":{…}}}, the last two only when
 * there is something in them, as Quay writes and reads them.
 */
public final class LogJson {
  private static final JsonFactory JSON = new JsonFactory();
  private static final JsonStringEncoder QUOTE = JsonStringEncoder.getInstance();

  private LogJson() {}

  /** One line of JSON. On the hot path of every log line, so no tree is built. */
  public static String write(LogEntry entry) {
    StringBuilder json = new StringBuilder(entry.message().length() + 80);
    json.append("{\"message\":");
    quoted(entry.message(), json);
    if (entry.type() != LogEntry.Type.LINE) {
      json.append(",\"type\":");
      quoted(entry.type().word(), json);
    }
    if (!entry.data().isEmpty()) {
      json.append(",\"data\":{");
      String comma = "";
      for (Map.Entry<String, String> datum : entry.data().entrySet()) {
        json.append(comma);
        quoted(datum.getKey(), json);
        json.append(':');
        quoted(datum.getValue(), json);
        comma = ",";
      }
      json.append('}');
    }
    return json.append('}').toString();
  }

  /** Several entries as one line of an agent's: JSON has no such character. */
  public static String join(List<LogEntry> entries) {
    return entries.stream().map(LogJson::write).collect(Collectors.joining("\u001e"));
  }

  private static void quoted(String text, StringBuilder json) {
    json.append('"');
    QUOTE.quoteAsString(text, json);
    json.append('"');
  }

  /** Reads an entry, also one that Quay wrote. What is no entry is a line as it stands. */
  public static LogEntry read(String json) {
    try (JsonParser parser = JSON.createParser(json)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        return entry(parser);
      }
    } catch (IOException e) {
      return raw(json);
    }
    return raw(json);
  }

  private static LogEntry raw(String text) {
    return new LogEntry(text, LogEntry.Type.LINE, Map.of());
  }

  private static LogEntry entry(JsonParser parser) throws IOException {
    String message = "";
    LogEntry.Type type = LogEntry.Type.LINE;
    Map<String, String> data = Map.of();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken token = parser.nextToken();
      switch (field) {
        case "message" -> message = scalar(parser, token);
        case "type" -> type = LogEntry.Type.ofWord(scalar(parser, token));
        case "data" -> data = data(parser, token);
        default -> parser.skipChildren();
      }
    }
    return new LogEntry(message, type, data);
  }

  private static Map<String, String> data(JsonParser parser, JsonToken token) throws IOException {
    Map<String, String> data = new LinkedHashMap<>();
    if (token != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return data;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      data.put(field, scalar(parser, value));
    }
    return data;
  }

  /** Text, number or boolean as text; anything else as nothing. */
  private static String scalar(JsonParser parser, JsonToken token) throws IOException {
    if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
      return parser.getText();
    }
    parser.skipChildren();
    return "";
  }
}
