package dev.buildman.agent.link;

import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A bidirectional stream as a conversation of one thread: send, then take the answer.
 *
 * @param <Q> what is sent
 * @param <A> what is answered
 */
final class Exchange<Q, A> implements AutoCloseable {

  /** The stream is over; another one may work. */
  static final class Broken extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Status status;

    Broken(Status status) {
      super(Verdicts.text(status));
      this.status = status;
    }

    Status status() {
      return status;
    }
  }

  /** How a stub opens the stream. */
  interface Opener<Q, A> {
    StreamObserver<Q> open(StreamObserver<A> answers);
  }

  private sealed interface Event<A> {
    record Answered<A>(A answer) implements Event<A> {}

    record Ended<A>(Status status) implements Event<A> {}
  }

  private final BlockingQueue<Event<A>> events = new LinkedBlockingQueue<>();
  private final ClientCallStreamObserver<Q> requests;
  private @Nullable Status ended;

  private Exchange(Opener<Q, A> opener) {
    this.requests = (ClientCallStreamObserver<Q>) opener.open(new Receiver());
  }

  /** Opens the stream; that it fails is seen at the first {@link #take}. */
  static <Q, A> Exchange<Q, A> open(Opener<Q, A> opener) {
    return new Exchange<>(opener);
  }

  /** Sends without waiting. */
  void send(Q request) throws Broken {
    try {
      requests.onNext(request);
    } catch (IllegalStateException e) {
      throw new Broken(Status.CANCELLED.withDescription("the stream is closed").withCause(e));
    }
  }

  /** The next answer, or empty when none came in this time. */
  Optional<A> take(Duration patience) throws Broken, InterruptedException {
    if (ended != null) {
      throw new Broken(ended);
    }
    Event<A> event = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    if (event instanceof Event.Ended<A> end) {
      ended = end.status();
      throw new Broken(end.status());
    }
    return event instanceof Event.Answered<A> answered
        ? Optional.of(answered.answer())
        : Optional.empty();
  }

  /** Says that nothing more will be sent. */
  void finish() {
    if (ended == null) {
      requests.onCompleted();
    }
  }

  /** Gives the stream up; after its end nothing happens. */
  @Override
  public void close() {
    requests.cancel("given up by the agent", null);
  }

  private final class Receiver implements ClientResponseObserver<Q, A> {
    @Override
    public void beforeStart(ClientCallStreamObserver<Q> stream) {}

    @Override
    public void onNext(A answer) {
      events.add(new Event.Answered<>(answer));
    }

    @Override
    public void onError(Throwable failure) {
      events.add(new Event.Ended<>(Status.fromThrowable(failure)));
    }

    @Override
    public void onCompleted() {
      events.add(
          new Event.Ended<>(Status.UNAVAILABLE.withDescription("the manager ended the stream")));
    }
  }
}
