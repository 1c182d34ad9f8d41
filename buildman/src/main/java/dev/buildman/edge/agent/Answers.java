package dev.buildman.edge.agent;

import dev.buildman.session.StoreAway;
import dev.buildman.token.Grant;
import dev.buildman.token.Verified;
import io.grpc.Status;
import io.grpc.StatusException;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where what went wrong becomes a gRPC status. */
final class Answers {
  private static final Logger log = LoggerFactory.getLogger(Answers.class);

  private Answers() {}

  /** The grant of a verified token. */
  static <G extends Grant> G authenticated(Verified<G> verified) throws StatusException {
    return switch (verified) {
      case Verified.Valid<G>(G grant) -> grant;
      case Verified.Invalid<G>(var fault) ->
          throw Status.UNAUTHENTICATED.withDescription(fault.sentence()).asException();
    };
  }

  /** A limit of size or rate is broken. */
  static StatusException exhausted(String what) {
    return Status.RESOURCE_EXHAUSTED.withDescription(what).asException();
  }

  /** Checks a size. */
  static void atMost(int limit, int bytes) throws StatusException {
    if (bytes > limit) {
      throw exhausted("the message has " + bytes + " bytes; " + limit + " are allowed");
    }
  }

  /**
   * @param rpc for the log
   */
  static Status status(String rpc, Throwable failure) {
    return switch (failure) {
      case CompletionException e when e.getCause() != null -> status(rpc, e.getCause());
      case StatusException e -> e.getStatus();
      case StoreAway _ ->
          Status.UNAVAILABLE.withDescription("the manager's Redis is away: try again");
      case Throwable surprise -> {
        // Logged here, as the agent is told nothing that it could not act on.
        log.error("call failed: rpc={}", rpc, surprise);
        yield Status.INTERNAL.withDescription("the manager failed; its log says why");
      }
    };
  }
}
