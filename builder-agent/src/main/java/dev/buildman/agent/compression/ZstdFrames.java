package dev.buildman.agent.compression;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a zstd file (RFC 8878) that have content, byte for byte. It walks from block to
 * block, which needs their headers alone.
 */
final class ZstdFrames extends InputStream {
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE = 0x184d2a50;
  private static final int SKIPPABLE_MASK = 0xfffffff0;
  private static final int MAX_BLOCK = 128 << 10;

  private enum Next {
    FRAME,
    BLOCK,
    CHECKSUM
  }

  private final InputStream in;
  private final long maxWindow;
  private Next next = Next.FRAME;
  private boolean checksum;
  private byte[] header = new byte[0];
  private int headerSent;
  private int content;

  ZstdFrames(InputStream in, long maxWindow) {
    this.in = in;
    this.maxWindow = maxWindow;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (headerSent == header.length && content == 0) {
      byte[] following = advance();
      if (following == null) {
        return -1;
      }
      header = following;
      headerSent = 0;
    }
    if (headerSent < header.length) {
      int sent = Math.min(length, header.length - headerSent);
      System.arraycopy(header, headerSent, target, offset, sent);
      headerSent += sent;
      return sent;
    }
    int got = in.read(target, offset, Math.min(length, content));
    if (got < 0) {
      throw new EOFException("it ends too early");
    }
    content -= got;
    return got;
  }

  /** The next header; null at the end. */
  private byte @Nullable [] advance() throws IOException {
    return switch (next) {
      case FRAME -> frame();
      case BLOCK -> block();
      case CHECKSUM -> {
        next = Next.FRAME;
        yield exactly(4);
      }
    };
  }

  private byte @Nullable [] frame() throws IOException {
    while (true) {
      byte[] start = in.readNBytes(4);
      if (start.length == 0) {
        return null;
      }
      int magic = (int) number(start, 0, start.length);
      if (start.length == 4 && (magic & SKIPPABLE_MASK) == SKIPPABLE) {
        in.skipNBytes(number(exactly(4), 0, 4));
      } else if (start.length == 4 && magic == MAGIC) {
        next = Next.BLOCK;
        return frameHeader(start);
      } else {
        throw new IOException("after its end there is something else");
      }
    }
  }

  private byte[] frameHeader(byte[] magic) throws IOException {
    int descriptor = exactly(1)[0] & 0xff;
    boolean single = (descriptor & 0x20) != 0;
    checksum = (descriptor & 0x04) != 0;
    int windowBytes = single ? 0 : 1;
    int dictionaryBytes = new int[] {0, 1, 2, 4}[descriptor & 3];
    int sizeBytes = new int[] {single ? 1 : 0, 2, 4, 8}[descriptor >> 6];
    byte[] rest = exactly(windowBytes + dictionaryBytes + sizeBytes);
    if (number(rest, windowBytes, dictionaryBytes) != 0) {
      throw new IOException("it was packed with a dictionary, which nobody has here");
    }
    long size = number(rest, windowBytes + dictionaryBytes, sizeBytes);
    long window = single ? size + (sizeBytes == 2 ? 256 : 0) : window(rest[0] & 0xff);
    if (window > maxWindow || window < 0) {
      throw Unpacked.tooMuchMemory(new IOException("its window has " + window + " bytes"));
    }
    byte[] whole = new byte[5 + rest.length];
    System.arraycopy(magic, 0, whole, 0, 4);
    whole[4] = (byte) descriptor;
    System.arraycopy(rest, 0, whole, 5, rest.length);
    return whole;
  }

  private static long window(int descriptor) {
    long base = 1L << (10 + (descriptor >> 3));
    return base + base / 8 * (descriptor & 7);
  }

  private byte[] block() throws IOException {
    byte[] block = exactly(3);
    int fields = (int) number(block, 0, 3);
    int type = (fields >> 1) & 3;
    int size = fields >> 3;
    if (type == 3 || size > MAX_BLOCK) {
      throw new IOException("it is damaged: a block of it has no valid header");
    }
    boolean repeatedByte = type == 1;
    content = repeatedByte ? 1 : size;
    if ((fields & 1) != 0) {
      next = checksum ? Next.CHECKSUM : Next.FRAME;
    }
    return block;
  }

  private byte[] exactly(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("it ends too early");
    }
    return bytes;
  }

  /** Little endian. */
  private static long number(byte[] bytes, int offset, int count) {
    long number = 0;
    for (int i = count - 1; i >= 0; i--) {
      number = number << 8 | (bytes[offset + i] & 0xff);
    }
    return number;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
