package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.util.regex.Pattern;

/** Turns an answer that is no success into the exception that says it, in one place. */
final class Refusals {
  /** Bytes of an error body that are read. */
  static final int MAX_BODY = 64 << 10;

  // Registries have no code for what follows, and statuses of their own for it. Words of Quay,
  // Harbor, GitLab, JFrog and the clouds.
  private static final Pattern QUOTA =
      words("quota|configured upper limit|storage limit|insufficient storage|over its limit");
  private static final Pattern IMMUTABLE =
      words(
          "immutable|cannot be overwritten|ImageTagAlreadyExists|REGISTRY_DISALLOWED_OPERATION"
              + "|operation is disallowed|tag\\b.{0,200}\\b(already exists|is (locked|protected))");
  private static final Pattern BUSY =
      words("toomanyrequests|too many requests|rate limit|rate exceeded|throttl");
  private static final Pattern READ_ONLY = words("read[ -]?only");
  private static final Pattern UNKNOWN_PART = words("(MANIFEST_)?BLOB_UNKNOWN|unknown blob");

  private Refusals() {}

  private static Pattern words(String alternatives) {
    return Pattern.compile(alternatives, Pattern.CASE_INSENSITIVE);
  }

  static RegistryException of(Answer answer, String registry, String doing) {
    String words = Words.of(answer);
    return refusal(kind(answer.status(), words), answer, registry, doing, words);
  }

  /** Of a manifest that was put. */
  static RegistryException ofManifest(Answer answer, ImageReference image, String doing) {
    String words = Words.of(answer);
    Kind kind = kind(answer.status(), words);
    boolean final4xx = answer.status() / 100 == 4 && !kind.isTransient();
    if (final4xx && UNKNOWN_PART.matcher(words).find()) {
      kind = Kind.INCOMPLETE;
    } else if (final4xx && image.digest() == null && IMMUTABLE.matcher(words).find()) {
      kind = Kind.TAG_IMMUTABLE;
    }
    return refusal(kind, answer, image.repository().registry(), doing, words);
  }

  private static RegistryException refusal(
      Kind kind, Answer answer, String registry, String doing, String words) {
    String message =
        "registry %s answered %d%s while %s%s%s"
            .formatted(
                registry,
                answer.status(),
                meaning(answer.status()),
                doing,
                answer.askedAs(),
                words.isEmpty() ? "" : ": " + words);
    return new RegistryException(kind, message, answer.status(), RetryAfter.of(answer), null);
  }

  private static Kind kind(int status, String words) {
    return switch (status) {
      case 401 -> Kind.DENIED;
      case 404, 410 -> Kind.NOT_FOUND;
      case 408, 425 -> Kind.SERVER;
      case 413 -> QUOTA.matcher(words).find() ? Kind.QUOTA : Kind.TOO_LARGE;
      case 429 -> Kind.RATE_LIMITED;
      case 507 -> Kind.QUOTA;
      case 501 -> Kind.UNSUPPORTED;
      default -> {
        if (status >= 500) {
          yield Kind.SERVER;
        }
        yield status >= 400 ? byWords(status, words) : Kind.PROTOCOL;
      }
    };
  }

  private static Kind byWords(int status, String words) {
    if (BUSY.matcher(words).find()) {
      return Kind.RATE_LIMITED;
    }
    if (QUOTA.matcher(words).find()) {
      return Kind.QUOTA;
    }
    if (READ_ONLY.matcher(words).find()) {
      return Kind.SERVER;
    }
    return switch (status) {
      case 403 -> Kind.DENIED;
      case 405, 415 -> Kind.UNSUPPORTED;
      default -> words.contains("DIGEST_INVALID") ? Kind.DIGEST_MISMATCH : Kind.INVALID;
    };
  }

  private static String meaning(int status) {
    return switch (status) {
      case 401 -> " (not authenticated)";
      case 403 -> " (denied)";
      case 404 -> " (not found)";
      case 413 -> " (too large)";
      case 429 -> " (too many requests)";
      case 503 -> " (unavailable)";
      default -> "";
    };
  }
}
