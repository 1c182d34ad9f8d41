package dev.buildman.client;

import com.google.protobuf.UnsafeByteOperations;
import dev.buildman.proto.v1.UploadSourceRequest;
import dev.buildman.proto.v1.UploadSourceResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends one file as a source, no faster than the manager takes it. A manager that has the source
 * already says so at once, and the rest is not sent.
 */
public final class SourceUpload {

  private static final int CHUNK_BYTES = 256 << 10;

  private final BuildsClient client;

  /** Uploads by this client. */
  public SourceUpload(BuildsClient client) {
    this.client = client;
  }

  /**
   * Sends the file and returns when the manager has stored it.
   *
   * @param digest sha256:&lt;hex&gt; of the file
   * @param progress told the bytes sent so far
   * @throws CallFailed when the manager refuses it or cannot be reached
   * @throws IOException when the file cannot be read
   */
  public UploadSourceResponse send(
      Path file, String digest, String contentType, LongConsumer progress)
      throws IOException, InterruptedException {
    Answer answer = new Answer();
    client.async().uploadSource(answer);
    UploadSourceRequest.Header header =
        UploadSourceRequest.Header.newBuilder()
            .setDigest(digest)
            .setSize(Files.size(file))
            .setContentType(contentType)
            .build();
    try {
      answer.send(UploadSourceRequest.newBuilder().setHeader(header).build());
      sendChunks(file, answer, progress);
      answer.finish();
    } catch (IOException e) {
      answer.abort(e);
      throw e;
    }
    return answer.await();
  }

  private static void sendChunks(Path file, Answer answer, LongConsumer progress)
      throws IOException, InterruptedException {
    long sent = 0;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = in.readNBytes(CHUNK_BYTES);
      while (chunk.length > 0 && answer.isWanted()) {
        answer.send(
            UploadSourceRequest.newBuilder()
                .setChunk(UnsafeByteOperations.unsafeWrap(chunk))
                .build());
        sent += chunk.length;
        progress.accept(sent);
        chunk = in.readNBytes(CHUNK_BYTES);
      }
    }
  }

  /** The manager's side of the stream. */
  private final class Answer
      implements ClientResponseObserver<UploadSourceRequest, UploadSourceResponse> {

    private final CompletableFuture<UploadSourceResponse> response = new CompletableFuture<>();
    private final Lock lock = new ReentrantLock();
    private final Condition ready = lock.newCondition();
    private @Nullable ClientCallStreamObserver<UploadSourceRequest> requests;

    @Override
    public void beforeStart(ClientCallStreamObserver<UploadSourceRequest> stream) {
      requests = stream;
      stream.setOnReadyHandler(this::signal);
    }

    @Override
    public void onNext(UploadSourceResponse value) {
      client.reached();
      response.complete(value);
      signal();
    }

    @Override
    public void onError(Throwable failure) {
      response.completeExceptionally(failure);
      signal();
    }

    @Override
    public void onCompleted() {
      Status status = Status.INTERNAL.withDescription("the manager answered nothing");
      response.completeExceptionally(status.asRuntimeException());
      signal();
    }

    boolean isWanted() {
      return !response.isDone();
    }

    void send(UploadSourceRequest request) throws InterruptedException {
      ClientCallStreamObserver<UploadSourceRequest> stream = stream();
      lock.lock();
      try {
        while (!stream.isReady() && isWanted()) {
          ready.await();
        }
      } finally {
        lock.unlock();
      }
      if (isWanted()) {
        stream.onNext(request);
      }
    }

    void finish() {
      if (isWanted()) {
        stream().onCompleted();
      }
    }

    void abort(Throwable cause) {
      stream().cancel("the file cannot be read", cause);
    }

    UploadSourceResponse await() throws InterruptedException {
      try {
        return response.get();
      } catch (ExecutionException e) {
        throw e.getCause() instanceof StatusRuntimeException status
            ? client.failed(status)
            : new IllegalStateException("upload failed", e.getCause());
      }
    }

    private void signal() {
      lock.lock();
      try {
        ready.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private ClientCallStreamObserver<UploadSourceRequest> stream() {
      if (requests == null) {
        throw new IllegalStateException("the upload has not started");
      }
      return requests;
    }
  }
}
