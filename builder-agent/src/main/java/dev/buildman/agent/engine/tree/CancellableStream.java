package dev.buildman.agent.engine.tree;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/** Ends when its thread is interrupted; streams of files go on. */
final class CancellableStream extends FilterInputStream {

  CancellableStream(InputStream in) {
    super(in);
  }

  /**
   * Leaves the thread's interrupt status as it is.
   *
   * @throws InterruptedIOException when the thread is interrupted
   */
  static void check() throws InterruptedIOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted while files were copied");
    }
  }

  @Override
  public int read() throws IOException {
    check();
    return super.read();
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    check();
    return super.read(buffer, offset, length);
  }
}
