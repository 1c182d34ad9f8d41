package dev.buildman.agent.engine;

import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.registry.RegistryException;
import dev.buildman.proto.agent.FailureCode;

/** Whose fault it is when a registry refuses: the one table for all engines. */
public final class RegistryFailures {
  private RegistryFailures() {}

  /** A pull failed. */
  public static EngineFailure pull(String image, RegistryException e) {
    return EngineFailure.of(
        pullCode(e.kind()), "the image " + image + " could not be pulled: " + e.getMessage(), e);
  }

  /** A push failed. */
  public static EngineFailure push(ImageReference tag, RegistryException e) {
    return EngineFailure.of(
        pushCode(e.kind()), "the image could not be pushed to " + tag + ": " + e.getMessage(), e);
  }

  /** A registry that is away for a moment is not the user's doing, a missing image is. */
  static FailureCode pullCode(RegistryException.Kind kind) {
    return switch (kind) {
      case RATE_LIMITED, UNREACHABLE, TIMEOUT, SERVER, UPLOAD_LOST, LOCAL, DIGEST_MISMATCH ->
          FailureCode.BUILD_RUN_ERROR;
      case DENIED,
          NOT_FOUND,
          INVALID,
          TOO_LARGE,
          QUOTA,
          TAG_IMMUTABLE,
          INCOMPLETE,
          UNSUPPORTED,
          TLS,
          PROTOCOL ->
          FailureCode.CANNOT_PULL_BASE_IMAGE;
    };
  }

  /** What the registry refuses for good ends the build; the rest may go better next time. */
  static FailureCode pushCode(RegistryException.Kind kind) {
    return switch (kind) {
      case DENIED -> FailureCode.PUSH_DENIED;
      case QUOTA -> FailureCode.PUSH_QUOTA;
      case TAG_IMMUTABLE -> FailureCode.TAG_IMMUTABLE;
      case INVALID, TOO_LARGE, UNSUPPORTED, NOT_FOUND -> FailureCode.PUSH_REJECTED;
      case LOCAL -> FailureCode.BUILD_RUN_ERROR;
      case RATE_LIMITED,
          UNREACHABLE,
          TIMEOUT,
          SERVER,
          UPLOAD_LOST,
          DIGEST_MISMATCH,
          INCOMPLETE,
          TLS,
          PROTOCOL ->
          FailureCode.PUSH_ISSUE;
    };
  }
}
