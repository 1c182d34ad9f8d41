package dev.buildman.testing.quay;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream as Quay's worker uses one: send, wait for the answer, for ever. Once it broke it is
 * never opened again.
 */
final class QuayStream<Q, A> implements ClientResponseObserver<Q, A> {
  private final BlockingQueue<Optional<A>> answers = new LinkedBlockingQueue<>();
  private volatile @Nullable ClientCallStreamObserver<Q> requests;
  private volatile boolean broken;

  private QuayStream() {}

  /**
   * @param call starts the call with the given observer of answers
   */
  static <Q, A> QuayStream<Q, A> open(Consumer<QuayStream<Q, A>> call) {
    QuayStream<Q, A> stream = new QuayStream<>();
    call.accept(stream);
    return stream;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<Q> requestStream) {
    requests = requestStream;
  }

  /** The answer; empty: the stream is broken. */
  Optional<A> ask(Q question) throws InterruptedException {
    ClientCallStreamObserver<Q> out = requests;
    if (broken || out == null) {
      return Optional.empty();
    }
    try {
      out.onNext(question);
    } catch (IllegalStateException e) {
      return Optional.empty();
    }
    return answers.take();
  }

  boolean isBroken() {
    return broken;
  }

  void reset() {
    ClientCallStreamObserver<Q> out = requests;
    if (out != null) {
      out.cancel("reset", null);
    }
  }

  @Override
  public void onNext(A answer) {
    answers.add(Optional.of(answer));
  }

  @Override
  public void onError(Throwable cause) {
    over();
  }

  @Override
  public void onCompleted() {
    over();
  }

  private void over() {
    broken = true;
    answers.add(Optional.empty());
  }
}
