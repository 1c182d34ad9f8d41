package dev.buildman.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call that the manager refused or that never reached it. Its message is one line for people. */
public final class CallFailed extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** What a caller may do about it. */
  public enum Kind {
    /** No manager answered. */
    UNREACHABLE,
    /** The request itself is wrong: {@link #fields} say where. */
    INVALID,
    /** There is no such build. */
    NOT_FOUND,
    /** The API token is missing or wrong. */
    UNAUTHENTICATED,
    /** The request is right, but cannot be done now: the queue is full, the build has ended. */
    REFUSED,
    /** The manager failed. */
    FAILED
  }

  /** A field of the request that is wrong. */
  public record Field(String name, String text) {}

  private final Kind kind;
  private final String reason;
  private final transient List<Field> fields;

  private CallFailed(Kind kind, String reason, String text, List<Field> fields, Throwable cause) {
    super(text, cause);
    this.kind = kind;
    this.reason = reason;
    this.fields = fields;
  }

  /** Sorts what gRPC threw. */
  static CallFailed of(StatusRuntimeException failure, Endpoint endpoint) {
    com.google.rpc.Status details = StatusProto.fromThrowable(failure);
    List<Any> any = details == null ? List.of() : details.getDetailsList();
    Kind kind = kind(failure.getStatus().getCode());
    String text =
        kind == Kind.UNREACHABLE
            ? unreachable(failure.getStatus(), endpoint)
            : text(kind, failure.getStatus());
    return new CallFailed(kind, reason(any, failure.getStatus()), text, fields(any), failure);
  }

  private static Kind kind(Status.Code code) {
    return switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, UNIMPLEMENTED -> Kind.UNREACHABLE;
      case INVALID_ARGUMENT, OUT_OF_RANGE -> Kind.INVALID;
      case NOT_FOUND -> Kind.NOT_FOUND;
      case UNAUTHENTICATED, PERMISSION_DENIED -> Kind.UNAUTHENTICATED;
      case FAILED_PRECONDITION, ALREADY_EXISTS, RESOURCE_EXHAUSTED, ABORTED -> Kind.REFUSED;
      default -> Kind.FAILED;
    };
  }

  private static String unreachable(Status status, Endpoint endpoint) {
    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      return "what listens at %s is no manager's port for clients".formatted(endpoint.address());
    }
    Throwable root = status.getCause();
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    String why =
        root == null || root.getMessage() == null ? status.getDescription() : root.getMessage();
    if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
      why = "no answer in time";
    } else if (why != null && root instanceof IOException) {
      // The transport puts its own call before the system's words.
      why = why.substring(why.lastIndexOf(": ") + 1).strip();
    }
    return "cannot reach a manager at %s: %s".formatted(endpoint.address(), firstLine(why));
  }

  private static String text(Kind kind, Status status) {
    String description = firstLine(status.getDescription());
    return kind == Kind.FAILED ? "the manager failed: " + description : description;
  }

  private static String firstLine(@Nullable String text) {
    return text == null ? "no reason given" : text.lines().findFirst().orElse("");
  }

  private static String reason(List<Any> details, Status status) {
    for (Any any : details) {
      if (any.is(ErrorInfo.class)) {
        try {
          return any.unpack(ErrorInfo.class).getReason();
        } catch (InvalidProtocolBufferException e) {
          break;
        }
      }
    }
    return status.getCode().name();
  }

  private static List<Field> fields(List<Any> details) {
    for (Any any : details) {
      if (any.is(BadRequest.class)) {
        try {
          return any.unpack(BadRequest.class).getFieldViolationsList().stream()
              .map(violation -> new Field(violation.getField(), violation.getDescription()))
              .toList();
        } catch (InvalidProtocolBufferException e) {
          break;
        }
      }
    }
    return List.of();
  }

  /** What a caller may do about it. */
  public Kind kind() {
    return kind;
  }

  /** A stable code: the manager's own, else gRPC's. */
  public String reason() {
    return reason;
  }

  /** Every field that is wrong; empty unless {@link Kind#INVALID}. */
  public List<Field> fields() {
    return fields;
  }
}
