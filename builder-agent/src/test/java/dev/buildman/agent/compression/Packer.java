package dev.buildman.agent.compression;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;

/** Packs, for tests. */
public final class Packer {
  private Packer() {}

  public static byte[] pack(Compression kind, byte[] plain) throws IOException {
    return pack(kind, plain, 0);
  }

  /** The bytes with that many zeros after them, never whole in memory. */
  public static byte[] pack(Compression kind, byte[] head, long zeros) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = packer(kind, packed)) {
      out.write(head);
      byte[] chunk = new byte[1 << 16];
      for (long left = zeros; left > 0; left -= chunk.length) {
        out.write(chunk, 0, (int) Math.min(left, chunk.length));
      }
    }
    return packed.toByteArray();
  }

  private static OutputStream packer(Compression kind, OutputStream out) throws IOException {
    return switch (kind) {
      case NONE -> out;
      case GZIP -> new GZIPOutputStream(out);
      case BZIP2 -> new BZip2CompressorOutputStream(out);
      case XZ -> new XZCompressorOutputStream(out);
      case ZSTD -> new ZstdOutputStream(out);
    };
  }
}
