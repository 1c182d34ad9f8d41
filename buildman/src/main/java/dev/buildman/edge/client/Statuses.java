package dev.buildman.edge.client;

import com.google.protobuf.Any;
import com.google.rpc.BadRequest;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import dev.buildman.intake.Answer;
import dev.buildman.intake.OrchestratorAway;
import dev.buildman.intake.Violation;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one mapping of what intake answers and throws to gRPC's statuses. */
final class Statuses {

  private static final Logger log = LoggerFactory.getLogger(Statuses.class);
  private static final String DOMAIN = "buildman";

  private Statuses() {}

  /** Every field at fault, in the message for people and in the details for programs. */
  static StatusRuntimeException invalid(List<Violation> violations) {
    BadRequest.Builder details = BadRequest.newBuilder();
    for (Violation violation : violations) {
      details
          .addFieldViolationsBuilder()
          .setField(violation.field())
          .setDescription(violation.text());
    }
    String message =
        violations.stream()
            .map(violation -> violation.field() + ": " + violation.text())
            .collect(Collectors.joining("; "));
    return status(Code.INVALID_ARGUMENT, message, Any.pack(details.build()));
  }

  static StatusRuntimeException denied(Answer.Denial denial, String text, String detail) {
    Code code =
        switch (denial) {
          case BUILD_UNKNOWN, EXECUTOR_UNKNOWN -> Code.NOT_FOUND;
          case OTHER_BODY -> Code.ALREADY_EXISTS;
          case QUEUE_FULL -> Code.RESOURCE_EXHAUSTED;
          case NOT_ENDED, ENDED, SECRET_GONE, SOURCE_GONE -> Code.FAILED_PRECONDITION;
        };
    ErrorInfo.Builder info = ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(denial.name());
    if (!detail.isEmpty()) {
      info.putMetadata(detailName(denial), detail);
    }
    return status(code, text, Any.pack(info.build()));
  }

  private static String detailName(Answer.Denial denial) {
    return switch (denial) {
      case BUILD_UNKNOWN, OTHER_BODY -> "build_id";
      case QUEUE_FULL -> "limit";
      case NOT_ENDED, ENDED -> "phase";
      case SECRET_GONE -> "field";
      case SOURCE_GONE -> "digest";
      case EXECUTOR_UNKNOWN -> "executor";
    };
  }

  /** A failure that nobody foresaw is logged here, and its text stays in the log. */
  static StatusRuntimeException failed(Throwable failure, String call) {
    if (failure instanceof StatusRuntimeException status) {
      return status;
    }
    if (failure instanceof OrchestratorAway away) {
      ErrorInfo info =
          ErrorInfo.newBuilder().setDomain(DOMAIN).setReason("ORCHESTRATOR_AWAY").build();
      return status(Code.UNAVAILABLE, String.valueOf(away.getMessage()), Any.pack(info));
    }
    log.error("a client's call failed: call={}", call, failure);
    ErrorInfo info = ErrorInfo.newBuilder().setDomain(DOMAIN).setReason("INTERNAL").build();
    return status(Code.INTERNAL, call + " failed; the manager's log says why", Any.pack(info));
  }

  private static StatusRuntimeException status(Code code, String message, Any detail) {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(message)
            .addDetails(detail)
            .build());
  }
}
