package dev.buildman.agent.source;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Counts what is read, and can bound how much may be read until the bound is taken away. */
final class ConsumedStream extends FilterInputStream {
  private long consumed;
  private long bound = Long.MAX_VALUE;

  ConsumedStream(InputStream in) {
    super(in);
  }

  long consumed() {
    return consumed;
  }

  /** Lets at most this many more bytes be read. */
  void bound(long bytes) {
    bound = consumed + bytes;
  }

  void unbound() {
    bound = Long.MAX_VALUE;
  }

  private long count(long got) throws IOException {
    consumed += Math.max(got, 0);
    if (consumed > bound) {
      throw new IOException("one of its headers is far too long");
    }
    return got;
  }

  @Override
  public int read() throws IOException {
    int got = super.read();
    count(got < 0 ? 0 : 1);
    return got;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    return (int) count(super.read(target, offset, length));
  }

  @Override
  public long skip(long wanted) throws IOException {
    return count(super.skip(wanted));
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
