package dev.buildman.edge.client;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** How a call failed, with the details that programs read. */
record Failure(StatusRuntimeException thrown) {

  static Failure of(ThrowingCallable call) {
    return new Failure(catchThrowableOfType(StatusRuntimeException.class, call));
  }

  Status.Code code() {
    return thrown.getStatus().getCode();
  }

  String text() {
    return thrown.getStatus().getDescription();
  }

  ErrorInfo info() {
    return detail(ErrorInfo.class);
  }

  List<String> fields() {
    return detail(BadRequest.class).getFieldViolationsList().stream()
        .map(BadRequest.FieldViolation::getField)
        .toList();
  }

  /** What is wrong with each field. */
  Map<String, String> violations() {
    return detail(BadRequest.class).getFieldViolationsList().stream()
        .collect(
            Collectors.toMap(
                BadRequest.FieldViolation::getField, BadRequest.FieldViolation::getDescription));
  }

  private <T extends Message> T detail(Class<T> type) {
    try {
      for (Any any : StatusProto.fromThrowable(thrown).getDetailsList()) {
        if (any.is(type)) {
          return any.unpack(type);
        }
      }
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
    throw new AssertionError("no " + type.getSimpleName() + " in " + thrown);
  }
}
