package dev.buildman.session;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogJson;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Turns an agent's {@code log_message} into a log entry. Quay's agent, and ours like it, sends JSON
 * {@code {"stream"|"status": text, …}}; what is no JSON is taken as text. Thread-safe.
 */
final class AgentLines {
  private static final JsonFactory JSON = new JsonFactory();

  /** Docker: {@code Step 4/13 : RUN x}; podman: {@code STEP 4/13: RUN x}. */
  private static final Pattern STEP =
      Pattern.compile("(?:Step|STEP) \\d+(?:/\\d+)? ?:.*", Pattern.DOTALL);

  private final int maxLine;
  private final InstantSource clock;

  /**
   * @param maxLine bytes of one entry: what is longer is divided, as readers take some at a time
   */
  AgentLines(int maxLine, InstantSource clock) {
    this.maxLine = maxLine;
    this.clock = clock;
  }

  /** The entries as they are stored: one for each message, or several joined. */
  List<String> entries(List<String> logMessages) {
    Instant now = clock.instant();
    return logMessages.stream().map(message -> entry(message, now)).toList();
  }

  private String entry(String logMessage, Instant now) {
    String text = text(logMessage);
    boolean step = text.startsWith("S") && STEP.matcher(text).matches();
    LogEntry.Type type = step ? LogEntry.Type.COMMAND : LogEntry.Type.LINE;
    if (text.length() * 3L <= maxLine) {
      return LogJson.write(LogEntry.line(text, type, now));
    }
    List<LogEntry> parts = new ArrayList<>();
    for (String part : parts(text)) {
      parts.add(LogEntry.line(part, parts.isEmpty() ? type : LogEntry.Type.LINE, now));
    }
    return LogJson.join(parts);
  }

  /** Divided behind a line where one ends in time, else between characters. */
  private List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    int start = 0;
    while (start < text.length() || parts.isEmpty()) {
      int most = end(text, start);
      int newline = most < text.length() ? text.lastIndexOf('\n', most - 1) : -1;
      int end = newline >= start ? newline + 1 : most;
      parts.add(text.substring(start, end));
      start = end;
    }
    return parts;
  }

  /** How far one part may go; at least one character, whatever it weighs. */
  private int end(String text, int start) {
    int bytes = 0;
    int i = start;
    while (i < text.length()) {
      int character = text.codePointAt(i);
      bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
      if (bytes > maxLine && i > start) {
        return i;
      }
      i += Character.charCount(character);
    }
    return i;
  }

  /**
   * The first of these that is there, in this order: {@code error}, {@code status}, {@code stream}.
   */
  static String text(String logMessage) {
    if (!logMessage.startsWith("{")) {
      return logMessage;
    }
    try (JsonParser parser = JSON.createParser(logMessage)) {
      parser.nextToken();
      return firstText(parser);
    } catch (IOException e) {
      return logMessage;
    }
  }

  private static String firstText(JsonParser parser) throws IOException {
    String found = "";
    int rank = Integer.MAX_VALUE;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      int fieldRank = rank(parser.currentName());
      if (parser.nextToken() == JsonToken.VALUE_STRING && fieldRank < rank) {
        found = parser.getText();
        rank = fieldRank;
      } else {
        parser.skipChildren();
      }
    }
    if (parser.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException("not an object to its end");
    }
    return found;
  }

  private static int rank(String field) {
    return switch (field) {
      case "error" -> 0;
      case "status" -> 1;
      case "stream" -> 2;
      default -> Integer.MAX_VALUE;
    };
  }
}
