package dev.buildman.edge.client;

import dev.buildman.runtime.Threads;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Semaphore;

/**
 * A server stream that a virtual thread of its own writes, no faster than the client reads;
 * interrupted when the client is gone.
 *
 * @param <T> the messages
 */
final class ResponseStream<T> {

  private final ServerCallStreamObserver<T> observer;
  private final Semaphore ready = new Semaphore(0);

  private ResponseStream(ServerCallStreamObserver<T> observer) {
    this.observer = observer;
  }

  /** Writes the whole stream. */
  interface Writer<T> {
    void write(ResponseStream<T> stream) throws InterruptedException;
  }

  /** Starts the thread and returns. To be called in the call's own thread, before it returns. */
  static <T> void start(String call, StreamObserver<T> observer, Writer<T> writer) {
    ServerCallStreamObserver<T> server = (ServerCallStreamObserver<T>) observer;
    ResponseStream<T> stream = new ResponseStream<>(server);
    Thread thread = Threads.factory(call).newThread(() -> stream.run(call, writer));
    server.setOnReadyHandler(stream.ready::release);
    server.setOnCancelHandler(thread::interrupt);
    thread.start();
  }

  private void run(String call, Writer<T> writer) {
    try {
      writer.write(this);
      observer.onCompleted();
    } catch (InterruptedException e) {
      if (!observer.isCancelled()) {
        observer.onError(
            Status.UNAVAILABLE
                .withDescription("this manager ends: call again")
                .asRuntimeException());
      }
    } catch (RuntimeException e) {
      if (!observer.isCancelled()) {
        observer.onError(Statuses.failed(e, call));
      }
    }
  }

  /** Sends one message as soon as the client has room for it. */
  void send(T message) throws InterruptedException {
    while (!observer.isReady()) {
      if (observer.isCancelled()) {
        throw new InterruptedException("the client is gone");
      }
      ready.acquire();
    }
    observer.onNext(message);
  }
}
