package dev.buildman.agent.registry;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A registry did not do what it was asked for. The message is a whole sentence for the person whose
 * build it is: the registry, what was asked, the status and the registry's own words.
 */
public final class RegistryException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, as far as a caller acts on it. */
  public enum Kind {
    /** Not allowed: no credentials, wrong ones, or ones without this right. */
    DENIED(false),
    /** No such repository, tag, manifest or blob. */
    NOT_FOUND(false),
    /** Too many requests; worth another try later. */
    RATE_LIMITED(true),
    /** Refused as wrong in itself (a manifest or name that this registry does not take). */
    INVALID(false),
    /** Larger than the limit of the caller, of the registry or of a proxy before it. */
    TOO_LARGE(false),
    /** The registry's quota leaves no room. */
    QUOTA(false),
    /** The tag exists and the registry does not let it be moved. */
    TAG_IMMUTABLE(false),
    /** A manifest names a blob or manifest that the repository does not have. */
    INCOMPLETE(false),
    /** The registry no longer knows an upload that it began. */
    UPLOAD_LOST(true),
    /** The content is not what its digest says. */
    DIGEST_MISMATCH(false),
    /** Something this client or this registry cannot do (an old manifest, another platform). */
    UNSUPPORTED(false),
    /** No connection, or it broke. */
    UNREACHABLE(true),
    /** The certificate is not trusted, or the server speaks no TLS. */
    TLS(false),
    /** Nothing moved for the idle time. */
    TIMEOUT(true),
    /** The registry itself failed (5xx). */
    SERVER(true),
    /** A local file could not be read or written. */
    LOCAL(false),
    /** An answer that the distribution API does not know. */
    PROTOCOL(false);

    private final boolean transientFault;

    Kind(boolean transientFault) {
      this.transientFault = transientFault;
    }

    /** Whether the same request may succeed a little later. */
    public boolean isTransient() {
      return transientFault;
    }
  }

  private final Kind kind;
  private final int status;
  private final @Nullable Duration retryAfter;

  RegistryException(Kind kind, String message) {
    this(kind, message, 0, null, null);
  }

  RegistryException(Kind kind, String message, @Nullable Throwable cause) {
    this(kind, message, 0, null, cause);
  }

  RegistryException(
      Kind kind,
      String message,
      int status,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }

  /** The HTTP status, or 0 when there was no answer. */
  public int status() {
    return status;
  }

  /** How long the registry asked to wait, or null when it did not. */
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
