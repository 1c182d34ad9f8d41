package dev.buildman.agent.engine.tree;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;

/**
 * A tar on its way to its reader, of which the extended attributes are kept byte for byte: the
 * reader takes them for text, and they may be none, as {@code security.capability}. For one thread.
 */
final class RawAttributes extends FilterInputStream {
  static final String PREFIX = "SCHILY.xattr.";

  private static final int BLOCK = TarConstants.DEFAULT_RCDSIZE;
  private static final int TYPE = 156;
  private static final int SIZE = 124;
  private static final int SIZE_LENGTH = 12;

  /** Attributes of one file fit into far less; more is read over. */
  private static final int LONGEST = 1 << 20;

  private final ByteArrayOutputStream header = new ByteArrayOutputStream(BLOCK);
  private final ByteArrayOutputStream pax = new ByteArrayOutputStream();
  private Map<String, String> attributes = new HashMap<>();
  private long content;
  private long padding;
  private boolean keeps;

  RawAttributes(InputStream tar) {
    super(tar);
  }

  /** Of the entry whose header was read last; a byte is a character. Asked once for each. */
  Map<String, String> take() {
    Map<String, String> taken = attributes;
    attributes = new HashMap<>();
    return taken;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int got = super.read(buffer, offset, length);
    for (int at = 0; at < got; ) {
      at += see(buffer, offset + at, got - at);
    }
    return got;
  }

  @Override
  public long skip(long count) throws IOException {
    // Whoever skips must see the same.
    byte[] buffer = new byte[(int) Math.min(1 << 16, Math.max(1, count))];
    int got = read(buffer, 0, (int) Math.min(buffer.length, count));
    return Math.max(0, got);
  }

  private int see(byte[] bytes, int from, int length) {
    if (content > 0) {
      int part = (int) Math.min(content, length);
      if (keeps) {
        pax.write(bytes, from, part);
      }
      content -= part;
      if (content == 0 && keeps) {
        parse(pax.toByteArray());
        pax.reset();
      }
      return part;
    }
    if (padding > 0) {
      int part = (int) Math.min(padding, length);
      padding -= part;
      return part;
    }
    int part = Math.min(BLOCK - header.size(), length);
    header.write(bytes, from, part);
    if (header.size() == BLOCK) {
      begin(header.toByteArray());
      header.reset();
    }
    return part;
  }

  private void begin(byte[] block) {
    content = size(block);
    padding = (BLOCK - content % BLOCK) % BLOCK;
    keeps = block[TYPE] == TarConstants.LF_PAX_EXTENDED_HEADER_LC && content <= LONGEST;
  }

  private static long size(byte[] block) {
    boolean linkOrFolder = block[TYPE] >= '1' && block[TYPE] <= '6';
    try {
      return linkOrFolder ? 0 : TarUtils.parseOctalOrBinary(block, SIZE, SIZE_LENGTH);
    } catch (IllegalArgumentException e) {
      // The reader says what is wrong with it.
      return 0;
    }
  }

  /** Lines of {@code length name=value}, the length with itself and the line's end. */
  private void parse(byte[] bytes) {
    String text = new String(bytes, ISO_8859_1);
    for (int at = 0; at < text.length(); ) {
      int blank = text.indexOf(' ', at);
      if (blank < 0 || blank - at > 9 || !text.substring(at, blank).matches("[0-9]+")) {
        return;
      }
      int end = at + Integer.parseInt(text.substring(at, blank));
      int equals = text.indexOf('=', blank);
      if (end > text.length() || equals < 0 || equals >= end) {
        return;
      }
      String name = text.substring(blank + 1, equals);
      if (name.startsWith(PREFIX)) {
        attributes.put(name, text.substring(equals + 1, end - 1));
      }
      at = end;
    }
  }
}
