package dev.buildman.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The written forms of durations and sizes. */
final class Units {

  static final String DURATION_FORMS =
      "a number of seconds, or one with a unit: 500ms, 30s, 5m, 2h, 7d";
  static final String SIZE_FORMS = "a number of bytes, or one with a unit: 16KiB, 64 MiB, 4 GiB";

  private static final Pattern FORM = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)\\s*([A-Za-z]*)");

  private static final Map<String, Long> MILLIS =
      Map.of(
          "ms", 1L,
          "", 1_000L,
          "s", 1_000L,
          "m", 60_000L,
          "h", 3_600_000L,
          "d", 86_400_000L,
          "w", 604_800_000L);

  private static final String PREFIXES = "kmgt";

  private Units() {}

  /** Empty when the text is no duration, negative or beyond 100 years. */
  static Optional<Duration> duration(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Long unit = MILLIS.get(matcher.group(2));
    if (unit == null) {
      return Optional.empty();
    }
    return whole(matcher.group(1), unit)
        .map(Duration::ofMillis)
        .filter(duration -> duration.toDays() <= 36_525);
  }

  /** In bytes; empty when the text is no size. Ki, Mi and so on count 1024, K and M 1000. */
  static Optional<Long> size(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String unit = matcher.group(2).toLowerCase(Locale.ROOT);
    if (unit.endsWith("b")) {
      unit = unit.substring(0, unit.length() - 1);
    }
    boolean binary = unit.endsWith("i");
    if (binary) {
      unit = unit.substring(0, unit.length() - 1);
    }
    if (unit.isEmpty()) {
      return binary ? Optional.empty() : whole(matcher.group(1), 1);
    }
    int power = unit.length() == 1 ? PREFIXES.indexOf(unit) + 1 : 0;
    if (power == 0) {
      return Optional.empty();
    }
    long factor = (long) Math.pow(binary ? 1024 : 1000, power);
    return whole(matcher.group(1), factor);
  }

  private static Optional<Long> whole(String number, long factor) {
    BigDecimal product = new BigDecimal(number).multiply(BigDecimal.valueOf(factor));
    if (product.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      return Optional.empty();
    }
    return Optional.of(product.setScale(0, RoundingMode.HALF_UP).longValue());
  }
}
