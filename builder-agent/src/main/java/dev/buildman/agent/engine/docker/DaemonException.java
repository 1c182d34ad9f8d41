package dev.buildman.agent.engine.docker;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A daemon that refuses, or that cannot be reached. The message is the daemon's own where it gave
 * one.
 */
public final class DaemonException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int BAD_REQUEST = 400;
  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;
  private static final Pattern USER =
      Pattern.compile("being used by (?:running|stopped) container ([0-9a-f]{12,64})");

  private final int status;

  private DaemonException(int status, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  /** The daemon answered with this HTTP status and these words. */
  static DaemonException refused(int status, String message) {
    return new DaemonException(status, message, null);
  }

  /** There was no answer, or it broke off. */
  static DaemonException lost(String message, Throwable cause) {
    return new DaemonException(0, message, cause);
  }

  /** Whether there was no whole answer. */
  public boolean isLost() {
    return status == 0;
  }

  /** Whether the daemon found the request itself wrong. */
  public boolean isBadRequest() {
    return status == BAD_REQUEST;
  }

  /** Whether what was asked for does not exist. */
  public boolean isNotFound() {
    return status == NOT_FOUND;
  }

  /** Whether something else needs what was to be removed. */
  public boolean isConflict() {
    return status == CONFLICT;
  }

  /** The id of the container that needs what was to be removed, where Docker names one. */
  Optional<String> user() {
    Matcher user = USER.matcher(message());
    return isConflict() && user.find() ? Optional.of(user.group(1)) : Optional.empty();
  }

  /** The message, never null. */
  public String message() {
    return String.valueOf(getMessage());
  }
}
