package dev.buildman.agent.compression;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.InputStream;

/**
 * Unpacks zstd: all frames of a file, those without content left out, which the library does not
 * know and which parallel packers and seekable formats write.
 */
final class ZstdStream extends FilterInputStream {
  /**
   * @param maxWindow of a frame, in bytes: what is kept in memory while it is unpacked
   */
  ZstdStream(InputStream packed, long maxWindow) {
    super(new ZstdInputStream(new ZstdFrames(packed, maxWindow)));
  }
}
