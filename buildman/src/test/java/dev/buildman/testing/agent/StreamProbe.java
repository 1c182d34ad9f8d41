package dev.buildman.testing.agent;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** One stream to the manager, with what came back. Thread-safe. */
public final class StreamProbe<Q, A> implements StreamObserver<A> {
  private static final int PATIENCE_SECONDS = 20;

  /** Empty: the stream has ended. */
  private final BlockingQueue<Optional<A>> answers = new LinkedBlockingQueue<>();

  private final CompletableFuture<Status> end = new CompletableFuture<>();
  private final StreamObserver<Q> requests;

  /**
   * @param open starts the call
   */
  StreamProbe(Function<StreamObserver<A>, StreamObserver<Q>> open) {
    requests = open.apply(this);
  }

  public void send(Q message) {
    requests.onNext(message);
  }

  /** Sends and waits for one answer. */
  public A ask(Q message) throws InterruptedException {
    send(message);
    return next();
  }

  /** The next answer, which must come. */
  public A next() throws InterruptedException {
    Optional<A> answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (answer == null) {
      throw new AssertionError("no answer, and the stream did not end either");
    }
    return answer.orElseThrow(() -> new AssertionError("the stream ended: " + end.getNow(null)));
  }

  /** So many answers, in order. */
  public List<A> next(int count) throws InterruptedException {
    List<A> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(next());
    }
    return all;
  }

  /** Whether nothing came and nothing ended. */
  public boolean isQuiet() {
    return answers.isEmpty() && !end.isDone();
  }

  /** How it ended, which it must. */
  public Status end() throws Exception {
    return end.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  public boolean isOpen() {
    return !end.isDone();
  }

  /** Ends the agent's side. */
  public void complete() {
    requests.onCompleted();
  }

  /** Breaks the stream off. */
  public void cancel() {
    requests.onError(Status.CANCELLED.asRuntimeException());
  }

  @Override
  public void onNext(A answer) {
    answers.add(Optional.of(answer));
  }

  @Override
  public void onError(Throwable cause) {
    end.complete(Status.fromThrowable(cause));
    answers.add(Optional.empty());
  }

  @Override
  public void onCompleted() {
    end.complete(Status.OK);
    answers.add(Optional.empty());
  }
}
