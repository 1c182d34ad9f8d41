package dev.buildman.agent.compression;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Any bytes unpack or are an I/O error, within bounds of time and memory. */
public final class CompressionFuzz {
  private static final int MAX = 4 << 20;

  private CompressionFuzz() {}

  /** One input, as the fuzzer calls it. */
  public static void fuzzerTestOneInput(byte[] data) {
    try (InputStream in = Compression.unpack(new ByteArrayInputStream(data))) {
      byte[] buffer = new byte[1 << 13];
      long size = 0;
      for (int got = in.read(buffer); got >= 0 && size < MAX; got = in.read(buffer)) {
        if (got == 0) {
          throw new AssertionError("a read that brings nothing, which would go on for ever");
        }
        size += got;
      }
    } catch (IOException e) {
      if (e.getMessage() != null && e.getMessage().length() > 1000) {
        throw new AssertionError("a message without end: " + e.getMessage().length(), e);
      }
    }
  }
}
