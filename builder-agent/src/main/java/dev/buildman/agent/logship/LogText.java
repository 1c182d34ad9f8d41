package dev.buildman.agent.logship;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Log lines, as they go to a manager, for a terminal. */
public final class LogText {
  private static final JsonFactory FACTORY = new JsonFactory();

  private LogText() {}

  /** The text of one line; a step's, which comes without its end, gets one. */
  public static String of(String line) {
    try (JsonParser json = FACTORY.createParser(line)) {
      while (json.nextToken() != null) {
        if (json.currentToken() == JsonToken.FIELD_NAME && isText(json.currentName())) {
          String text = json.nextTextValue();
          return text == null ? "" : text.startsWith("Step ") ? text.stripTrailing() + "\n" : text;
        }
      }
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException("a shipper's line is JSON", e);
    }
  }

  private static boolean isText(String name) {
    return name.equals("stream") || name.equals("status");
  }
}
