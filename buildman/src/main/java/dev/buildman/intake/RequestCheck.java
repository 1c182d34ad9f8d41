package dev.buildman.intake;

import dev.buildman.model.BuildId;
import dev.buildman.model.BuildSpec;
import dev.buildman.sources.SourceDigest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks a whole request and names every field that is wrong, not only the first. */
final class RequestCheck {

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{0,255}");
  private static final int LONGEST_FOREIGN_ID = 255;
  private static final int MOST_METADATA = 64;
  private static final int LARGEST_METADATA = 64 << 10;
  private static final int MOST_TRIES = 100;
  private static final Duration LONGEST_TIMEOUT = Duration.ofDays(7);

  private RequestCheck() {}

  /** The request as the rest of the manager may rely on it. */
  record Checked(
      BuildId id,
      String idempotencyKey,
      String foreignId,
      BuildSpec spec,
      int priority,
      int tries,
      Optional<Duration> timeout,
      Map<String, String> metadata) {}

  /** What the check came to. */
  sealed interface Verdict {
    record Good(Checked request) implements Verdict {}

    record Bad(List<Violation> violations) implements Verdict {}
  }

  /**
   * Checks everything that needs no orchestrator.
   *
   * @param defaultRegistry empty: there is none
   * @param uploaded whether an uploaded source is there
   */
  static Verdict check(
      BuildRequest request, String defaultRegistry, Predicate<SourceDigest> uploaded) {
    Violations violations = new Violations();
    BuildId id = id("build_id", request.buildId(), violations);
    checkAround(request, violations);
    BuildSpec spec = new SpecCheck(violations, defaultRegistry, uploaded).check(request.spec());
    if (!violations.isEmpty() || id == null || spec == null) {
      return new Verdict.Bad(violations.all());
    }
    return new Verdict.Good(
        new Checked(
            id,
            request.idempotencyKey(),
            request.foreignId(),
            spec,
            request.priority(),
            request.tries(),
            request.timeout(),
            Map.copyOf(request.metadata())));
  }

  static @Nullable BuildId id(String field, String text, Violations violations) {
    return text.isEmpty() ? BuildId.random() : violations.parse(field, () -> new BuildId(text));
  }

  private static void checkAround(BuildRequest request, Violations violations) {
    violations.require(
        KEY.matcher(request.idempotencyKey()).matches(),
        "idempotency_key",
        "at most 255 printable ASCII characters without spaces");
    violations.require(
        request.foreignId().length() <= LONGEST_FOREIGN_ID
            && request.foreignId().chars().allMatch(c -> c >= ' ' && c != 0x7f),
        "foreign_id",
        "at most 255 characters, without control characters");
    violations.require(
        request.priority() >= -100 && request.priority() <= 100,
        "priority",
        "it must be between -100 and 100");
    violations.require(
        request.tries() >= 0 && request.tries() <= MOST_TRIES,
        "tries",
        "it must be between 1 and 100, or 0 for the manager's default");
    violations.require(
        request.timeout().map(RequestCheck::isTimeout).orElse(true),
        "timeout",
        "it must be between 1 s and 7 days");
    violations.require(
        request.metadata().size() <= MOST_METADATA
            && SpecCheck.bytes(request.metadata()) <= LARGEST_METADATA,
        "metadata",
        "at most 64 entries and 64 KiB in all");
  }

  private static boolean isTimeout(Duration timeout) {
    return timeout.compareTo(Duration.ofSeconds(1)) >= 0 && timeout.compareTo(LONGEST_TIMEOUT) <= 0;
  }
}
