package dev.buildman.edge.agent;

import dev.buildman.metrics.Metrics;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Locale;
import java.util.concurrent.Executor;

/** Runs unary calls where they may block, and answers each exactly once. Thread-safe. */
final class Unary {
  private final Executor threads;
  private final Metrics metrics;

  /**
   * @param threads may be blocked
   */
  Unary(Executor threads, Metrics metrics) {
    this.threads = threads;
    this.metrics = metrics;
  }

  /** What a call does. */
  @FunctionalInterface
  interface Call<A> {
    A answer() throws StatusException;
  }

  <A> void run(String rpc, StreamObserver<A> out, Call<A> call) {
    threads.execute(
        () -> {
          try {
            A answer = call.answer();
            metrics.agentAnswered(rpc, "ok");
            if (!isGone(out)) {
              out.onNext(answer);
              out.onCompleted();
            }
          } catch (StatusException | RuntimeException e) {
            Status status = Answers.status(rpc, e);
            metrics.agentAnswered(rpc, word(status));
            if (!isGone(out)) {
              out.onError(status.asException());
            }
          }
        });
  }

  /** The status as a metric's label. */
  static String word(Status status) {
    return status.getCode().name().toLowerCase(Locale.ROOT);
  }

  private static boolean isGone(StreamObserver<?> out) {
    return out instanceof ServerCallStreamObserver<?> call && call.isCancelled();
  }
}
