package dev.buildman.agent.link;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/** What happens to one call to a {@link TestManager}. */
public enum Fault {
  /** It is refused before anything is done, as by a manager without its Redis. */
  UNAVAILABLE,
  /** It is done, and its answer is lost. */
  ANSWER_LOST,
  /** It is refused for good. */
  UNAUTHENTICATED,
  /** There is nothing to do for this token. */
  FAILED_PRECONDITION;

  /** Whether a call gets this in place of its answer; null: it does not. */
  static boolean ends(@Nullable Fault fault, StreamObserver<?> answer) {
    Status status =
        switch (fault) {
          case UNAVAILABLE, ANSWER_LOST -> Status.UNAVAILABLE.withDescription("planted");
          case UNAUTHENTICATED -> Status.UNAUTHENTICATED.withDescription("planted");
          case FAILED_PRECONDITION -> Status.FAILED_PRECONDITION.withDescription("CANCELLED");
          case null -> null;
        };
    if (status != null) {
      answer.onError(status.asRuntimeException());
    }
    return status != null;
  }
}
