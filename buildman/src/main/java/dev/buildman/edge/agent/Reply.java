package dev.buildman.edge.agent;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Set;

/**
 * The answering side of a stream. Answers come from network threads, from Redis and from hints, so
 * they take turns here; once the stream is over they are dropped. Thread-safe.
 */
final class Reply<A> {
  private final ServerCallStreamObserver<A> out;
  private final Set<Reply<?>> open;
  private boolean over;

  /**
   * Takes the stream over: from now on it is read only on {@link #readOne}.
   *
   * @param open where it is listed until it is over
   */
  Reply(ServerCallStreamObserver<A> out, Set<Reply<?>> open) {
    this.out = out;
    this.open = open;
    out.disableAutoRequest();
    // With a handler the transport drops what is sent to an agent that has just gone; without one
    // it throws.
    out.setOnCancelHandler(this::end);
    open.add(this);
  }

  synchronized void send(A answer) {
    if (!isOver()) {
      out.onNext(answer);
    }
  }

  synchronized void fail(Status status) {
    if (!isOver()) {
      end();
      out.onError(status.asException());
    }
  }

  synchronized void complete() {
    if (!isOver()) {
      end();
      out.onCompleted();
    }
  }

  /** The other side is gone. */
  synchronized void end() {
    over = true;
    open.remove(this);
  }

  /** Lets one more message come in: what is not asked for stays with the sender. */
  void readOne() {
    out.request(1);
  }

  /** Whether nobody waits for an answer any more. */
  synchronized boolean isOver() {
    return over || out.isCancelled();
  }
}
