package dev.buildman.agent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A registry's own words in an answer that is no success, on one line and not too many. */
final class Words {
  private static final int MAX = 400;
  private static final int MAX_ERRORS = 5;

  private Words() {}

  /** Its error list, else the beginning of a text; never a page. */
  static String of(Answer answer) {
    Optional<JsonNode> object = Json.object(answer.body());
    if (object.isPresent()) {
      return cut(ofObject(object.get()));
    }
    String text = answer.text().strip();
    boolean page = text.startsWith("<") || contentType(answer).contains("html");
    return page ? "an HTML page, so this may be no registry" : cut(text);
  }

  private static String ofObject(JsonNode object) {
    List<String> all = new ArrayList<>();
    for (JsonNode error : object.path("errors")) {
      if (all.size() < MAX_ERRORS) {
        all.add(sentence(error));
      }
    }
    return all.isEmpty()
        ? firstOf(object, "details", "message", "error_description", "error", "detail")
        : String.join("; ", all);
  }

  private static String contentType(Answer answer) {
    return answer.header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
  }

  private static String sentence(JsonNode error) {
    String code = error.path("code").asText("");
    String message = firstOf(error, "message", "detail");
    return code.isEmpty() || message.isEmpty() ? code + message : code + ": " + message;
  }

  private static String firstOf(JsonNode object, String... members) {
    for (String member : members) {
      JsonNode text = object.path(member);
      if (text.isTextual() && !text.asText().isBlank()) {
        return text.asText();
      }
    }
    return "";
  }

  /** Control and format characters would let a registry write lines, or backwards, in a log. */
  static String cut(String text) {
    String line = text.replaceAll("[\\p{Cntrl}\\p{Cf}\\p{Zl}\\p{Zp}\\s]+", " ").strip();
    if (line.length() <= MAX) {
      return line;
    }
    int end = Character.isHighSurrogate(line.charAt(MAX - 1)) ? MAX - 1 : MAX;
    return line.substring(0, end) + "...";
  }
}
