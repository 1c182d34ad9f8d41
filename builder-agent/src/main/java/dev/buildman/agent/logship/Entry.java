package dev.buildman.agent.logship;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** One thing to show, which becomes one line of the form that Quay's worker sends. */
sealed interface Entry {
  /** About how much memory it takes, in characters. */
  int size();

  /** As JSON: {@code {"stream": text}} or {@code {"status": text, ...}}. */
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
      return Json.write(json -> json.writeStringField("status", status));
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
            json.writeStringField("status", status);
            json.writeStringField("id", id);
            json.writeObjectFieldStart("progressDetail");
            if (total > 0) {
              json.writeNumberField("current", current);
              json.writeNumberField("total", total);
            }
            json.writeEndObject();
          });
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
