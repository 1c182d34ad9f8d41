package dev.buildman.agent.link;

import com.google.common.util.concurrent.ListenableFuture;
import dev.buildman.proto.agent.BuildManagerGrpc;
import dev.buildman.proto.agent.BuildManagerGrpc.BuildManagerFutureStub;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unary calls that are repeated until they are answered, or until the window has passed. */
final class Calls {
  private static final Logger log = LoggerFactory.getLogger(Calls.class);

  /** A manager holds a call for up to 8 s while its Redis is away, then answers. */
  private static final Duration PATIENCE = Duration.ofSeconds(12);

  private final ManagedChannel channel;
  private final BuildManagerFutureStub stub;
  private final Redial redial;

  Calls(ManagedChannel channel, Redial redial) {
    this.channel = channel;
    this.stub = BuildManagerGrpc.newFutureStub(channel);
    this.redial = redial;
  }

  /**
   * Calls until there is an answer. The request must be one that may arrive twice.
   *
   * @throws ManagerException.Refused when the manager answered with an error that stays
   */
  <T> T untilAnswered(String name, Function<BuildManagerFutureStub, ListenableFuture<T>> call)
      throws ManagerException, InterruptedException {
    Redial.Series series = redial.begin();
    while (true) {
      Status failure;
      try {
        return once(call);
      } catch (StatusRuntimeException e) {
        failure = e.getStatus();
      }
      if (!Verdicts.worthRepeating(failure)) {
        throw new ManagerException.Refused(name + ": " + Verdicts.text(failure));
      }
      log.info("call is repeated: call={}, failure={}", name, Verdicts.text(failure));
      series.pause(name, Verdicts.text(failure));
      // gRPC's own pauses between dials grow to minutes; ours decide.
      channel.resetConnectBackoff();
    }
  }

  /**
   * Calls once.
   *
   * @throws StatusRuntimeException whatever came instead of an answer
   */
  <T> T once(Function<BuildManagerFutureStub, ListenableFuture<T>> call)
      throws InterruptedException {
    ListenableFuture<T> answer =
        call.apply(stub.withDeadlineAfter(PATIENCE.toNanos(), TimeUnit.NANOSECONDS));
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw Status.fromThrowable(e.getCause()).asRuntimeException();
    } finally {
      answer.cancel(true);
    }
  }
}
