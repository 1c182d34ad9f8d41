package dev.buildman.sources;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a source is, with the content type that Quay's worker knows it by.
 *
 * <p>That worker decides by the exact type and dies of any other (also of one with a charset), so
 * these are all there are.
 */
public enum SourceKind {
  /** A gzipped tar. */
  GZIP_TAR("application/gzip"),
  /** A zip archive. */
  ZIP("application/zip"),
  /** A Dockerfile without a context. */
  DOCKERFILE("text/plain");

  /** Bytes of a source's beginning that {@link #detect} wants to see. */
  static final int HEAD_BYTES = 512;

  private final String contentType;

  SourceKind(String contentType) {
    this.contentType = contentType;
  }

  /** The content type it is served with. */
  public String contentType() {
    return contentType;
  }

  /** The kind that a client names by a content type; empty when it is none of ours. */
  public static Optional<SourceKind> ofContentType(String contentType) {
    for (SourceKind kind : values()) {
      if (kind.contentType.equals(contentType)) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  /**
   * The kind by the content's first bytes, so that what is served cannot contradict what is sent.
   *
   * @return empty for anything else, an unpacked tar among it
   */
  static Optional<SourceKind> detect(byte[] head) {
    if (startsWith(head, 0x1f, 0x8b)) {
      return Optional.of(GZIP_TAR);
    }
    if (startsWith(head, 'P', 'K', 3, 4) || startsWith(head, 'P', 'K', 5, 6)) {
      return Optional.of(ZIP);
    }
    return isText(head) ? Optional.of(DOCKERFILE) : Optional.empty();
  }

  private static boolean startsWith(byte[] head, int... magic) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static boolean isText(byte[] head) {
    for (byte b : head) {
      if (b == 0) {
        return false;
      }
    }
    CharsetDecoder utf8 =
        StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT);
    // Not the end of input: the head may cut a character in two.
    CoderResult result =
        utf8.decode(ByteBuffer.wrap(head), CharBuffer.allocate(head.length + 1), false);
    return head.length > 0 && !result.isError();
  }
}
