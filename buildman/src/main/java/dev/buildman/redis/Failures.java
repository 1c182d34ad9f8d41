package dev.buildman.redis;

import io.lettuce.core.RedisBusyException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandInterruptedException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisLoadingException;
import io.lettuce.core.RedisReadOnlyException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Tells what passes by itself (an outage, a failover, a full memory) from what is a defect. */
final class Failures {
  // Answers of a server that is in no state to work: retried, never fatal.
  private static final List<String> PASSING =
      List.of(
          "LOADING",
          "CLUSTERDOWN",
          "MASTERDOWN",
          "READONLY",
          "TRYAGAIN",
          "UNBLOCKED",
          "BUSY",
          "MISCONF",
          "NOREPLICAS",
          "OOM",
          "MOVED",
          "ASK");

  private Failures() {}

  static Throwable unwrapped(Throwable failure) {
    Throwable inner = failure;
    while ((inner instanceof CompletionException || inner instanceof ExecutionException)
        && inner.getCause() != null) {
      inner = inner.getCause();
    }
    return inner;
  }

  /** What the caller shall see instead of a failure of the driver. */
  static RuntimeException translated(String what, Throwable failure) {
    Throwable inner = unwrapped(failure);
    if (inner instanceof RedisUnavailable known) {
      return known;
    }
    if (passing(inner)) {
      return new RedisUnavailable(what + ": " + inner.getMessage(), inner);
    }
    return inner instanceof RuntimeException known
        ? known
        : new IllegalStateException(what + " failed", inner);
  }

  private static boolean passing(Throwable failure) {
    return switch (failure) {
      case RedisLoadingException _, RedisBusyException _, RedisReadOnlyException _ -> true;
      case RedisCommandExecutionException answer -> {
        String message = String.valueOf(answer.getMessage());
        yield PASSING.stream().anyMatch(message::startsWith);
      }
      // An interrupt, a lost connection, a full queue, a time-out: all without an answer.
      case RedisCommandInterruptedException _ -> true;
      case RedisException _, CancellationException _, TimeoutException _, IOException _ -> true;
      default -> false;
    };
  }
}
