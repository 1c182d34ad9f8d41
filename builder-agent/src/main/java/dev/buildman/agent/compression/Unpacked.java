package dev.buildman.agent.compression;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.MemoryLimitException;

/** What a library unpacks. Its surprises at bytes that somebody else has made are I/O errors. */
final class Unpacked extends FilterInputStream {
  Unpacked(InputStream in) {
    super(in);
  }

  static IOException tooMuchMemory(Exception cause) {
    return new IOException("unpacking it needs more memory than the 128 MiB that it may", cause);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    int got = read(one, 0, 1);
    return got < 0 ? got : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    try {
      return super.read(target, offset, length);
    } catch (MemoryLimitException e) {
      throw tooMuchMemory(e);
    } catch (RuntimeException e) {
      throw new IOException("it is damaged: " + e.getMessage(), e);
    }
  }

  @Override
  public long skip(long wanted) throws IOException {
    byte[] buffer = new byte[Math.clamp(wanted, 0, 1 << 13)];
    return wanted <= 0 ? 0 : Math.max(read(buffer, 0, buffer.length), 0);
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
