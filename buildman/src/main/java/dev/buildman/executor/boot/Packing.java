package dev.buildman.executor.boot;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.model.Secret;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** Writes a document down so that it fits where it must. */
final class Packing {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Packing() {}

  /**
   * Writes.
   *
   * @param limit in bytes of the text
   */
  static UserData of(Ignition document, int limit) {
    String plain = json(document);
    int whole = utf8(plain).length;
    if (whole <= limit) {
      return new UserData.Made(Secret.of(plain), false);
    }
    // Compressed inside of a text: an environment variable can carry it, and nothing but Ignition
    // has to know.
    String packed = json(Ignition.replacedBy(url("gzip", gzip(plain))));
    int least = utf8(packed).length;
    if (least <= limit) {
      return new UserData.Made(Secret.of(packed), true);
    }
    return new UserData.Refused(
        ("the user data of a machine has %d bytes, compressed %d, and at most %d can be handed"
                + " over: make CA_CERT, EXTRA_CA_CERTS or SSH_AUTHORIZED_KEYS smaller")
            .formatted(whole, least, limit));
  }

  static String json(Ignition document) {
    try {
      return JSON.writeValueAsString(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of texts and numbers can be written", e);
    }
  }

  /** The content of a file. */
  static Ignition.Contents contents(String text) {
    return url(null, utf8(text));
  }

  private static Ignition.Contents url(@Nullable String compression, byte[] content) {
    return new Ignition.Contents(
        compression, "data:;base64," + Base64.getEncoder().encodeToString(content));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] gzip(String text) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Best out = new Best(bytes)) {
      out.write(utf8(text));
    } catch (IOException e) {
      throw new UncheckedIOException("nothing is written but memory", e);
    }
    return bytes.toByteArray();
  }

  private static final class Best extends GZIPOutputStream {
    Best(ByteArrayOutputStream out) throws IOException {
      super(out);
      def.setLevel(Deflater.BEST_COMPRESSION);
    }
  }
}
