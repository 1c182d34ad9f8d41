package dev.buildman.agent.engine.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import org.jspecify.annotations.Nullable;

/** A context's tar as a stream to read, made by a thread of its own as far as it is read. */
final class ContextStream implements AutoCloseable {
  private static final int AHEAD = 256 << 10;

  private final PipedInputStream stream = new PipedInputStream(AHEAD);
  private final Thread writer;
  private volatile @Nullable IOException fault;

  private ContextStream(ContextTar tar) throws IOException {
    PipedOutputStream out = new PipedOutputStream(stream);
    this.writer = Thread.ofVirtual().name("context-tar").unstarted(() -> write(tar, out));
  }

  static ContextStream of(ContextTar tar) throws IOException {
    ContextStream stream = new ContextStream(tar);
    stream.writer.start();
    return stream;
  }

  private void write(ContextTar tar, OutputStream pipe) {
    try (OutputStream out = pipe) {
      tar.write(out);
    } catch (IOException e) {
      fault = e;
    }
  }

  InputStream stream() {
    return stream;
  }

  /**
   * Why the context could not be read to its end; null when it was. A daemon that reads no further
   * is such a reason too.
   */
  @Nullable IOException fault() {
    return fault;
  }

  @Override
  public void close() throws IOException {
    stream.close();
    writer.interrupt();
  }
}
