package dev.buildman.agent.registry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How long an answer asks to wait. */
final class RetryAfter {
  private RetryAfter() {}

  /**
   * The header's seconds, or its date less the answer's own: two readings of the registry's clock,
   * so that ours does not matter. Null when it asks for nothing that can be understood.
   */
  static @Nullable Duration of(Answer answer) {
    Optional<String> asked = answer.header("Retry-After").map(String::strip);
    if (asked.isEmpty()) {
      return null;
    }
    Duration wait = asked.get().matches("\\d{1,9}") ? seconds(asked.get()) : date(answer, asked);
    return wait == null || wait.isNegative() ? null : wait;
  }

  private static Duration seconds(String text) {
    return Duration.ofSeconds(Long.parseLong(text));
  }

  private static @Nullable Duration date(Answer answer, Optional<String> asked) {
    Optional<Instant> until = asked.flatMap(RetryAfter::instant);
    Optional<Instant> now = answer.header("Date").flatMap(RetryAfter::instant);
    return until.isPresent() && now.isPresent() ? Duration.between(now.get(), until.get()) : null;
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(
          ZonedDateTime.parse(text.strip(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }
}
