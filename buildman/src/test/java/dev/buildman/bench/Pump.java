package dev.buildman.bench;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** One stream that sends the next message whenever one was answered. */
final class Pump<Q, A> implements StreamObserver<A> {
  private final StreamObserver<Q> requests;
  private final Supplier<Q> next;
  private final Consumer<A> answered;
  private final AtomicBoolean stop;
  private final AtomicReference<Throwable> broken;

  Pump(
      Function<StreamObserver<A>, StreamObserver<Q>> open,
      Supplier<Q> next,
      Consumer<A> answered,
      AtomicBoolean stop,
      AtomicReference<Throwable> broken) {
    this.next = next;
    this.answered = answered;
    this.stop = stop;
    this.broken = broken;
    this.requests = open.apply(this);
  }

  synchronized void start(int inFlight) {
    for (int i = 0; i < inFlight; i++) {
      requests.onNext(next.get());
    }
  }

  @Override
  public synchronized void onNext(A answer) {
    answered.accept(answer);
    if (!stop.get()) {
      requests.onNext(next.get());
    }
  }

  @Override
  public void onError(Throwable cause) {
    if (!stop.get()) {
      broken.compareAndSet(null, cause);
    }
  }

  @Override
  public void onCompleted() {
    onError(new IllegalStateException("the manager ended the stream"));
  }
}
