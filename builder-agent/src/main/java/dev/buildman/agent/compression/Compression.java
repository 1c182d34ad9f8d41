package dev.buildman.agent.compression;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.MemoryLimitException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * How a file is packed, told by its first bytes rather than by what somebody says of it.
 *
 * <p>What unpacks it is loaded with the first file of its kind: most builds need none but gzip.
 */
public enum Compression {
  NONE("not packed"),
  GZIP("gzip"),
  BZIP2("bzip2"),
  XZ("xz"),
  ZSTD("zstd");

  private static final int MAGIC_BYTES = 6;
  private static final int BUFFER = 1 << 16;

  /** Of a dictionary or window. {@code xz -9} needs 65 MiB, {@code zstd --ultra -22} 128 MiB. */
  private static final int MAX_MEMORY = 128 << 20;

  private final String word;

  Compression(String word) {
    this.word = word;
  }

  /** The kind of a file that begins with these bytes, of which six are enough. */
  public static Compression of(byte[] start) {
    if (begins(start, 0x1f, 0x8b)) {
      return GZIP;
    }
    if (begins(start, 'B', 'Z', 'h')) {
      return BZIP2;
    }
    if (begins(start, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return XZ;
    }
    return begins(start, 0x28, 0xb5, 0x2f, 0xfd) || isSkippable(start) ? ZSTD : NONE;
  }

  private static boolean begins(byte[] start, int... magic) {
    if (start.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((start[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  /** A frame of zstd without content, which may come first. */
  private static boolean isSkippable(byte[] start) {
    return start.length >= 4 && (start[0] & 0xf0) == 0x50 && begins(tail(start), 0x2a, 0x4d, 0x18);
  }

  private static byte[] tail(byte[] start) {
    return new byte[] {start[1], start[2], start[3]};
  }

  /**
   * The unpacked stream, whatever the kind; the caller closes it, which closes the given one.
   * Several packed files one after the other are one, as their programs have it.
   *
   * @throws IOException when it is broken, or would need more than 128 MiB of memory to unpack
   */
  public static InputStream unpack(InputStream packed) throws IOException {
    BufferedInputStream in = new BufferedInputStream(packed, BUFFER);
    return of(peek(in)).open(in);
  }

  /**
   * The unpacked stream of a file of this kind.
   *
   * @throws IOException as {@link #unpack}
   */
  public InputStream open(InputStream packed) throws IOException {
    return switch (this) {
      case NONE -> packed;
      case GZIP -> new GZIPInputStream(packed, BUFFER);
      case BZIP2 ->
          new Unpacked(
              new BufferedInputStream(new BZip2CompressorInputStream(packed, true), BUFFER));
      case XZ -> new Unpacked(xz(packed));
      case ZSTD -> new Unpacked(new ZstdStream(packed, MAX_MEMORY));
    };
  }

  private static InputStream xz(InputStream packed) throws IOException {
    try {
      return XZCompressorInputStream.builder()
          .setInputStream(packed)
          .setDecompressConcatenated(true)
          .setMemoryLimitKiB(MAX_MEMORY >> 10)
          .get();
    } catch (MemoryLimitException e) {
      throw Unpacked.tooMuchMemory(e);
    }
  }

  private static byte[] peek(BufferedInputStream in) throws IOException {
    in.mark(MAGIC_BYTES);
    byte[] start = in.readNBytes(MAGIC_BYTES);
    in.reset();
    return start;
  }

  /** The name of the program that packs so. */
  @Override
  public String toString() {
    return word;
  }
}
