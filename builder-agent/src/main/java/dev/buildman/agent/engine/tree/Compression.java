package dev.buildman.agent.engine.tree;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/** How a tar is packed, told by its first bytes rather than by what somebody says of it. */
enum Compression {
  NONE,
  GZIP,
  BZIP2,
  XZ,
  ZSTD;

  private static final int MAGIC_BYTES = 6;
  private static final int BUFFER = 1 << 16;

  static Compression of(byte[] start) {
    if (begins(start, 0x1f, 0x8b)) {
      return GZIP;
    }
    if (begins(start, 'B', 'Z', 'h')) {
      return BZIP2;
    }
    if (begins(start, 0xfd, '7', 'z', 'X', 'Z', 0)) {
      return XZ;
    }
    return begins(start, 0x28, 0xb5, 0x2f, 0xfd) ? ZSTD : NONE;
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

  /**
   * The unpacked stream; the caller closes it, which closes the given one.
   *
   * @throws TreeException when it is packed in a way that this agent cannot read
   */
  static InputStream unpack(InputStream packed) throws IOException, TreeException {
    BufferedInputStream in = new BufferedInputStream(new CancellableStream(packed), BUFFER);
    return switch (of(peek(in))) {
      case NONE -> in;
      case GZIP -> new GZIPInputStream(in, BUFFER);
      case BZIP2 -> new BufferedInputStream(new BZip2CompressorInputStream(in, true), BUFFER);
      case XZ ->
          XZCompressorInputStream.builder()
              .setInputStream(in)
              .setDecompressConcatenated(true)
              .get();
      case ZSTD ->
          throw new TreeException(
              "it is packed with zstd, which this engine cannot unpack; pack it with gzip.");
    };
  }

  static byte[] peek(BufferedInputStream in) throws IOException {
    in.mark(MAGIC_BYTES);
    byte[] start = in.readNBytes(MAGIC_BYTES);
    in.reset();
    return start;
  }
}
