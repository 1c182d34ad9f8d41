package dev.buildman.agent.source;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Writes what comes to a file, and ends the transfer with the first byte that is too many. */
final class Saving implements BodySubscriber<Boolean> {

  /** More came than may be kept. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** The fault is the worker's, not the network's. */
  static final class NotWrittenException extends IOException {
    private static final long serialVersionUID = 1L;

    NotWrittenException(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private final @Nullable FileChannel file;
  private final AtomicLong size;
  private final long limit;
  private final CompletableFuture<Boolean> end = new CompletableFuture<>();
  private @Nullable Subscription subscription;

  private Saving(@Nullable FileChannel file, AtomicLong size, long limit) {
    this.file = file;
    this.size = size;
    this.limit = limit;
  }

  /**
   * Keeps what comes.
   *
   * @param file is written at its position, and closed at the end
   * @param size of the file as it grows
   * @param limit of that size
   */
  static Saving to(FileChannel file, AtomicLong size, long limit) {
    return new Saving(file, size, limit);
  }

  /** Wants nothing of an answer but its head. */
  static Saving nothing() {
    return new Saving(null, new AtomicLong(), 0);
  }

  /** Whether all of it was kept. */
  @Override
  public CompletionStage<Boolean> getBody() {
    return end;
  }

  @Override
  public void onSubscribe(Subscription given) {
    subscription = given;
    if (file == null) {
      given.cancel();
      end.complete(false);
    } else {
      given.request(1);
    }
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    FileChannel target = file;
    Subscription from = subscription;
    if (target == null || from == null || end.isDone()) {
      return;
    }
    try {
      for (ByteBuffer buffer : buffers) {
        if (size.get() + buffer.remaining() > limit) {
          throw new TooLargeException();
        }
        write(target, buffer);
      }
      from.request(1);
    } catch (IOException e) {
      from.cancel();
      close(e);
    }
  }

  private void write(FileChannel target, ByteBuffer buffer) throws IOException {
    try {
      while (buffer.hasRemaining()) {
        size.addAndGet(target.write(buffer));
      }
    } catch (IOException e) {
      throw new NotWrittenException(e);
    }
  }

  @Override
  public void onError(Throwable fault) {
    close(fault);
  }

  @Override
  public void onComplete() {
    close(null);
  }

  private void close(@Nullable Throwable fault) {
    Throwable why = fault;
    try {
      if (file != null) {
        file.close();
      }
    } catch (IOException e) {
      why = fault == null ? new NotWrittenException(e) : fault;
    }
    if (why == null) {
      end.complete(true);
    } else {
      end.completeExceptionally(why);
    }
  }
}
