package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A blob as it arrives, never more than a little of it in memory: whoever reads slowly holds the
 * sender. The end is reached only when the blob was right; otherwise the last read fails with a
 * {@link RegistryException}. For one reader.
 */
final class BlobStream extends InputStream implements BlobTarget {
  /** Pieces of the HTTP client, of 16 KiB each. */
  private static final int PIECES = 32;

  private static final long STEP_MILLIS = 250;

  private sealed interface Event {
    record Piece(byte[] bytes) implements Event {}

    record End(@Nullable RegistryException fault) implements Event {}
  }

  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(PIECES);
  private final Thread puller;
  private volatile boolean closed;
  private byte[] piece = new byte[0];
  private int next;
  private Event.@Nullable End ended;

  /** Brings the blob. */
  @FunctionalInterface
  interface Pull {
    void to(BlobTarget target) throws RegistryException, InterruptedException;
  }

  private BlobStream(Pull pull) {
    this.puller = Thread.ofVirtual().name("blob-stream").unstarted(() -> pull(pull));
  }

  /** Begins to pull. */
  static BlobStream open(Pull pull) {
    BlobStream stream = new BlobStream(pull);
    stream.puller.start();
    return stream;
  }

  private void pull(Pull pull) {
    RegistryException fault = null;
    try {
      pull.to(this);
    } catch (RegistryException e) {
      fault = e;
    } catch (InterruptedException e) {
      return; // closed: nobody reads
    }
    try {
      offer(new Event.End(fault), Meter.silent());
    } catch (IOException e) {
      return; // closed
    }
  }

  @Override
  public void write(byte[] bytes, Meter meter) throws IOException {
    if (bytes.length > 0) {
      offer(new Event.Piece(bytes), meter);
    }
  }

  private void offer(Event event, Meter meter) throws IOException {
    try {
      while (!closed) {
        if (events.offer(event, STEP_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
        meter.held();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new RegistryException(Kind.LOCAL, "nobody reads the blob any more");
  }

  @Override
  public boolean restart() {
    return false;
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
    if (next == piece.length && !advance()) {
      return -1;
    }
    int take = Math.min(length, piece.length - next);
    System.arraycopy(piece, next, target, offset, take);
    next += take;
    return take;
  }

  private boolean advance() throws IOException {
    switch (ended == null ? take() : ended) {
      case Event.Piece(byte[] bytes) -> {
        piece = bytes;
        next = 0;
        return true;
      }
      case Event.End end -> {
        ended = end;
        if (end.fault() != null) {
          throw end.fault();
        }
        return false;
      }
    }
  }

  private Event take() throws InterruptedIOException {
    try {
      return events.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException)
          new InterruptedIOException("interrupted while a blob arrives").initCause(e);
    }
  }

  /** Ends the transfer when it is still under way. */
  @Override
  public void close() {
    closed = true;
    puller.interrupt();
    events.clear();
  }
}
