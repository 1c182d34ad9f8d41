package dev.buildman.testing.kubernetes;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/** What requests get instead of their answers, by their method and kind, as {@code POST jobs}. */
public final class Faults {

  /**
   * One fault.
   *
   * @param status 0: none, the connection is cut or the answer is the true one
   * @param doIt the request is carried out all the same
   * @param cut the connection ends without an answer
   * @param retryAfter seconds; 0: not said
   * @param delay before anything happens
   */
  public record Fault(
      int status, String body, boolean doIt, boolean cut, int retryAfter, Duration delay) {

    /** A refusal with a Status object. */
    public static Fault refuse(int status, String message) {
      return new Fault(
          status, statusOf(status, message).toString(), false, false, 0, Duration.ZERO);
    }

    /** As a server under load refuses: plain text, and when to come again. */
    public static Fault throttled() {
      return new Fault(
          429, "Too many requests, please try again later.\n", false, false, 1, Duration.ZERO);
    }

    /** The connection is cut; the request is carried out before when {@code done}. */
    public static Fault cut(boolean done) {
      return new Fault(0, "", done, true, 0, Duration.ZERO);
    }

    /** A failure of the server after it has done what it was asked for, or before. */
    public static Fault failed(boolean done) {
      String body = statusOf(500, "etcdserver: request timed out").toString();
      return new Fault(500, body, done, false, 0, Duration.ZERO);
    }

    /** The true answer, late. */
    public static Fault late(Duration delay) {
      return new Fault(0, "", true, false, 0, delay);
    }
  }

  private static final Map<Integer, String> REASONS =
      Map.of(
          400, "BadRequest",
          401, "Unauthorized",
          403, "Forbidden",
          404, "NotFound",
          409, "AlreadyExists",
          410, "Expired",
          422, "Invalid",
          429, "TooManyRequests",
          500, "InternalError");

  private final Map<String, BlockingQueue<Fault>> next = new ConcurrentHashMap<>();
  private volatile Function<String, Optional<Fault>> weather = _ -> Optional.empty();

  /** The next request of this kind gets this. */
  void add(String request, Fault fault) {
    next.computeIfAbsent(request, _ -> new LinkedBlockingQueue<>()).add(fault);
  }

  void weather(Function<String, Optional<Fault>> byRequest) {
    weather = byRequest;
  }

  Optional<Fault> of(String request) {
    BlockingQueue<Fault> queue = next.get(request);
    Optional<Fault> queued = queue == null ? Optional.empty() : Optional.ofNullable(queue.poll());
    return queued.or(() -> weather.apply(request));
  }

  static ObjectNode statusOf(int code, String message) {
    ObjectNode status = ObjectStore.object();
    status.put("kind", "Status");
    status.put("apiVersion", "v1");
    status.put("status", code < 300 ? "Success" : "Failure");
    status.put("message", message);
    status.put("reason", REASONS.getOrDefault(code, ""));
    status.put("code", code);
    return status;
  }
}
