package dev.buildman.edge.agent;

import dev.buildman.model.Reason;
import dev.buildman.proto.agent.BuildmanProto;
import dev.buildman.proto.agent.Failure;
import dev.buildman.proto.agent.FailureClass;
import dev.buildman.proto.agent.FailureCode;
import dev.buildman.proto.agent.FailureCodeInfo;
import dev.buildman.session.PhaseReport;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** An agent's failure as the contract classes it: whose fault, which reason, what people read. */
final class Failures {
  private static final String PREFIX = "io.quay.builder.";
  private static final Map<String, FailureCode> BY_NAME =
      Arrays.stream(FailureCode.values())
          .filter(code -> code != FailureCode.UNRECOGNIZED)
          .collect(Collectors.toUnmodifiableMap(code -> info(code).getName(), Function.identity()));

  private Failures() {}

  /** An unknown code is the platform's. */
  static PhaseReport.Failure of(Failure failure) {
    String name =
        failure.getCode().startsWith(PREFIX)
            ? failure.getCode().substring(PREFIX.length())
            : failure.getCode();
    FailureCode code = BY_NAME.getOrDefault(name, FailureCode.FAILURE_CODE_UNSPECIFIED);
    FailureCodeInfo info = info(code);
    return new PhaseReport.Failure(
        info.getFailureClass() == FailureClass.FAILURE_CLASS_USER,
        reason(code),
        sentence(info, failure));
  }

  private static String sentence(FailureCodeInfo info, Failure failure) {
    StringBuilder sentence = new StringBuilder(info.getPublicMessage());
    String step = Distrust.word(failure.getStep());
    String message = Distrust.message(failure.getMessage());
    if (!step.isEmpty()) {
      sentence.append(' ').append(step).append(message.isEmpty() ? "" : ":");
    }
    if (!message.isEmpty()) {
      sentence.append(' ').append(message);
    }
    if (failure.getExitCode() != 0) {
      sentence.append(" (exit status ").append(failure.getExitCode()).append(')');
    }
    return sentence.toString();
  }

  private static Reason reason(FailureCode code) {
    return switch (code) {
      case BUILD_PACK_ISSUE -> Reason.SOURCE_UNAVAILABLE;
      case CANNOT_EXTRACT_BUILD_PACK -> Reason.SOURCE_INVALID;
      case GIT_FAILURE -> Reason.GIT_FAILED;
      case GIT_CHECKOUT -> Reason.GIT_REF_NOT_FOUND;
      case DOCKERFILE_ISSUE -> Reason.DOCKERFILE_INVALID;
      case CANNOT_PULL_BASE_IMAGE -> Reason.BASE_IMAGE_UNAVAILABLE;
      case BUILD_ERROR -> Reason.BUILD_FAILED;
      case PUSH_ISSUE, TAG_ISSUE -> Reason.PUSH_FAILED;
      case PUSH_DENIED -> Reason.PUSH_DENIED;
      case PUSH_QUOTA -> Reason.REGISTRY_QUOTA;
      case TAG_IMMUTABLE -> Reason.TAG_IMMUTABLE;
      case PUSH_REJECTED -> Reason.PUSH_REJECTED;
      case FAILURE_CODE_UNSPECIFIED,
          CANNOT_PULL_FOR_CACHE,
          INTERNAL_ERROR,
          BUILD_RUN_ERROR,
          DOCKER_CONNECT_ERROR,
          MISSING_OR_INVALID_ARGUMENT,
          CACHE_LOOKUP_ISSUE,
          ERROR_DURING_PHASE_TRANSITION,
          CLIENT_REJECTED_TRANSITION,
          UNRECOGNIZED ->
          Reason.AGENT_FAILED;
    };
  }

  private static FailureCodeInfo info(FailureCode code) {
    return code.getValueDescriptor().getOptions().getExtension(BuildmanProto.info);
  }
}
