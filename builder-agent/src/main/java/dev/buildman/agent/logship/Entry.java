package dev.buildman.agent.logship;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Locale;

/**
 * One thing to show, in the form that Quay's worker sends: {@code {"stream": text}} or {@code
 * {"status": text, ...}}. Unlike that worker's, a status is a whole line with its end, as logs are
 * read as text too.
 */
sealed interface Entry {
  /** About how much memory it takes, in characters. */
  int size();

  /** As JSON. */
  String json();

  /** What a step prints; {@code whole} when nothing may be added. */
  record Stream(String text, boolean whole) implements Entry {
    @Override
    public int size() {
      return text.length();
    }

    @Override
    public String json() {
      return Json.write(json -> json.writeStringField("stream", text));
    }
  }

  /** A status line. */
  record Status(String status) implements Entry {
    @Override
    public int size() {
      return status.length();
    }

    @Override
    public String json() {
      return Json.write(json -> json.writeStringField("status", status + "\n"));
    }
  }

  /** The state of one layer. */
  record Progress(String id, String status, long current, long total) implements Entry {
    @Override
    public int size() {
      return status.length() + id.length() + 16;
    }

    @Override
    public String json() {
      return Json.write(
          json -> {
            json.writeStringField("status", id + ": " + status + amount() + "\n");
            json.writeStringField("id", id);
            json.writeObjectFieldStart("progressDetail");
            if (total > 0) {
              json.writeNumberField("current", current);
              json.writeNumberField("total", total);
            }
            json.writeEndObject();
          });
    }

    private String amount() {
      return total > 0 && current < total
          ? " " + mebibytes(current) + " of " + mebibytes(total)
          : "";
    }

    private static String mebibytes(long bytes) {
      return String.format(Locale.ROOT, "%.1f MiB", bytes / (1024.0 * 1024.0));
    }
  }

  /** Writes one object. */
  final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    interface Fields {
      void write(JsonGenerator json) throws IOException;
    }

    static String write(Fields fields) {
      StringWriter text = new StringWriter();
      try (JsonGenerator json = FACTORY.createGenerator(text)) {
        json.writeStartObject();
        fields.write(json);
        json.writeEndObject();
      } catch (IOException e) {
        throw new UncheckedIOException("a string does not fail to be written", e);
      }
      return text.toString();
    }
  }
}
