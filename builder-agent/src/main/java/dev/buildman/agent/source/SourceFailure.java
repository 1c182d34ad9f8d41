package dev.buildman.agent.source;

import dev.buildman.proto.agent.FailureCode;
import org.jspecify.annotations.Nullable;

/**
 * A source cannot be had or used. The message is for the person whose build it is: what, where, and
 * what to do; it holds no secret.
 */
public final class SourceFailure extends Exception {
  private static final long serialVersionUID = 1L;

  private final FailureCode code;

  SourceFailure(FailureCode code, String message) {
    this(code, message, null);
  }

  SourceFailure(FailureCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** What decides whether the build is repeated. */
  public FailureCode code() {
    return code;
  }

  /** The message, never null. */
  public String message() {
    return String.valueOf(getMessage());
  }
}
