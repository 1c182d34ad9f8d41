package dev.buildman.session;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
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
   * @param maxLine bytes of one line; the rest of it is cut
   */
  AgentLines(int maxLine, InstantSource clock) {
    this.maxLine = maxLine;
    this.clock = clock;
  }

  /** The entries as they are stored. */
  List<String> entries(List<String> logMessages) {
    Instant now = clock.instant();
    return logMessages.stream().map(message -> entry(message, now)).toList();
  }

  private String entry(String logMessage, Instant now) {
    String text = cut(text(logMessage));
    boolean step = text.startsWith("S") && STEP.matcher(text).matches();
    return LogJson.write(
        LogEntry.line(text, step ? LogEntry.Type.COMMAND : LogEntry.Type.LINE, now));
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

  /** One message may hold many lines: each is measured by itself. */
  private String cut(String text) {
    if (text.length() * 3L <= maxLine || longestLine(text) <= maxLine) {
      return text;
    }
    StringBuilder kept = new StringBuilder();
    int start = 0;
    while (start < text.length()) {
      int newline = text.indexOf('\n', start);
      int end = newline < 0 ? text.length() : newline + 1;
      appendCut(text.substring(start, end), kept);
      start = end;
    }
    return kept.toString();
  }

  private void appendCut(String line, StringBuilder kept) {
    byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= maxLine) {
      kept.append(line);
      return;
    }
    int end = maxLine;
    while (end > 0 && (bytes[end] & 0xC0) == 0x80) {
      end--; // Not in the middle of a character.
    }
    kept.append(new String(bytes, 0, end, StandardCharsets.UTF_8))
        .append("… [")
        .append(bytes.length - end)
        .append(" bytes of this line were cut]");
    if (line.endsWith("\n")) {
      kept.append('\n');
    }
  }

  private static int longestLine(String text) {
    int longest = 0;
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      length += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate(c) ? 2 : 3;
      longest = Math.max(longest, length);
      if (c == '\n') {
        length = 0;
      }
    }
    return longest;
  }
}
