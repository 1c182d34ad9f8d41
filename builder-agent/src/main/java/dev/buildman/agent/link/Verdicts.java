package dev.buildman.agent.link;

import io.grpc.Status;
import java.util.Locale;

/** What a gRPC status means for an agent. */
final class Verdicts {
  private Verdicts() {}

  /**
   * Whether the same call, sent again, may succeed: the manager is away, slow, restarting, or
   * guards itself. Quay's manager answers UNKNOWN and INTERNAL when it stumbles.
   */
  static boolean worthRepeating(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE,
          DEADLINE_EXCEEDED,
          RESOURCE_EXHAUSTED,
          UNKNOWN,
          INTERNAL,
          ABORTED,
          CANCELLED ->
          true;
      default -> false;
    };
  }

  /**
   * Code and description on one line. The description is the manager's, which puts no secret in.
   */
  static String text(Status status) {
    String code = status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    String description = status.getDescription();
    Throwable cause = status.getCause();
    String because = cause == null ? "" : " (" + cause.getMessage() + ")";
    return description == null ? code + because : code + ": " + description + because;
  }
}
