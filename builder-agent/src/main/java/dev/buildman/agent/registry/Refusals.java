package dev.buildman.agent.registry;

import com.fasterxml.jackson.databind.JsonNode;
import dev.buildman.agent.registry.RegistryException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns an answer that is no success into the exception that says it, in one place. */
final class Refusals {
  /** Bytes of an error body that are read. */
  static final int MAX_BODY = 64 << 10;

  private static final int MAX_WORDS = 400;

  private Refusals() {}

  static RegistryException of(Answer answer, String registry, String doing) {
    String words = words(answer);
    String message =
        "registry %s answered %d%s while %s%s"
            .formatted(
                registry,
                answer.status(),
                meaning(answer.status()),
                doing,
                words.isEmpty() ? "" : ": " + words);
    return new RegistryException(
        kind(answer, words), message, answer.status(), retryAfter(answer), null);
  }

  private static Kind kind(Answer answer, String words) {
    return switch (answer.status()) {
      case 401, 403 -> Kind.DENIED;
      case 404, 410 -> Kind.NOT_FOUND;
      case 405, 415, 501 -> Kind.UNSUPPORTED;
      case 408, 502, 503, 504 -> Kind.SERVER;
      case 413 -> Kind.TOO_LARGE;
      case 429 -> Kind.RATE_LIMITED;
      case 400, 409, 412, 416, 422 ->
          words.contains("DIGEST_INVALID") ? Kind.DIGEST_MISMATCH : Kind.INVALID;
      default -> answer.status() >= 500 ? Kind.SERVER : Kind.PROTOCOL;
    };
  }

  private static String meaning(int status) {
    return switch (status) {
      case 401 -> " (not authenticated)";
      case 403 -> " (denied)";
      case 404 -> " (not found)";
      case 429 -> " (too many requests)";
      default -> "";
    };
  }

  /** The registry's own words: its error list, else the beginning of a text; never a page. */
  private static String words(Answer answer) {
    Optional<JsonNode> object = Json.object(answer.body());
    if (object.isPresent()) {
      List<String> all = new ArrayList<>();
      for (JsonNode error : object.get().path("errors")) {
        all.add(sentence(error));
      }
      if (all.isEmpty()) {
        all.add(firstOf(object.get(), "details", "message", "error_description", "error"));
      }
      return cut(String.join("; ", all));
    }
    String text = answer.text().strip();
    boolean page = text.startsWith("<") || contentType(answer).contains("html");
    return page ? "an HTML page, so this may be no registry" : cut(text);
  }

  private static String contentType(Answer answer) {
    return answer.header("Content-Type").orElse("").toLowerCase(Locale.ROOT);
  }

  private static String sentence(JsonNode error) {
    String code = error.path("code").asText("");
    String message = error.path("message").asText("");
    return code.isEmpty() || message.isEmpty() ? code + message : code + ": " + message;
  }

  private static String firstOf(JsonNode object, String... members) {
    for (String member : members) {
      String text = object.path(member).asText("");
      if (!text.isEmpty()) {
        return text;
      }
    }
    return "";
  }

  private static String cut(String text) {
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return line.length() <= MAX_WORDS ? line : line.substring(0, MAX_WORDS) + "...";
  }

  private static @Nullable Duration retryAfter(Answer answer) {
    try {
      // Only the number of seconds: a date would compare the registry's clock with ours.
      return answer
          .header("Retry-After")
          .map(value -> Duration.ofSeconds(Long.parseLong(value.strip())))
          .filter(wait -> !wait.isNegative())
          .orElse(null);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
