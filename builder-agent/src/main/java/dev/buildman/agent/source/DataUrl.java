package dev.buildman.agent.source;

import dev.buildman.proto.agent.FailureCode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code data:[type][;base64],content}. */
final class DataUrl {
  private final String contentType;
  private final byte[] content;

  private DataUrl(String contentType, byte[] content) {
    this.contentType = contentType;
    this.content = content;
  }

  static boolean is(String url) {
    return url.regionMatches(true, 0, "data:", 0, 5);
  }

  static DataUrl parse(String url) throws SourceFailure {
    int comma = url.indexOf(',');
    if (comma < 0) {
      throw invalid("it has no comma before its content", null);
    }
    String head = url.substring(5, comma).toLowerCase(Locale.ROOT);
    String body = url.substring(comma + 1);
    boolean base64 = head.endsWith(";base64");
    try {
      byte[] content = base64 ? decode(body) : percent(body);
      return new DataUrl(Packages.contentType(head), content);
    } catch (IllegalArgumentException e) {
      throw invalid(base64 ? "its content is no base64" : "its content is badly escaped", e);
    }
  }

  private static byte[] decode(String body) {
    // Both alphabets and escaped padding occur.
    String plain = new String(percent(body), StandardCharsets.ISO_8859_1);
    return plain.indexOf('-') >= 0 || plain.indexOf('_') >= 0
        ? Base64.getUrlDecoder().decode(plain)
        : Base64.getMimeDecoder().decode(plain);
  }

  private static byte[] percent(String text) {
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        out.write(raw[i]);
      } else if (i + 2 < raw.length) {
        out.write(Integer.parseInt(new String(raw, i + 1, 2, StandardCharsets.US_ASCII), 16));
        i += 2;
      } else {
        throw new IllegalArgumentException("an escape is cut");
      }
    }
    return out.toByteArray();
  }

  private static SourceFailure invalid(String why, @Nullable Throwable cause) {
    return new SourceFailure(
        FailureCode.MISSING_OR_INVALID_ARGUMENT,
        "the source's data: address is not valid: " + why,
        cause);
  }

  /** Lower case, without parameters; empty when it names none. */
  String contentType() {
    return contentType;
  }

  byte[] content() {
    return content;
  }
}
