package dev.buildman.executor;

import dev.buildman.model.AttemptId;
import dev.buildman.model.BuildId;
import dev.buildman.model.Installation;
import dev.buildman.model.Nonce;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name that a worker is launched under, known before the launch and the same for each look at
 * the same attempt: a Job's name, a client token, a container's name, a cookie.
 *
 * <p>A DNS label of at most 63 characters (K24), so also a client token of at most 64 (E4). It ends
 * in a digest of the claim's nonce: after a failover that lost writes the same attempt number is
 * given out again, and must not find the earlier worker.
 */
public record ExecutionName(String value) {
  private static final Pattern FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern SHORT_LABEL = Pattern.compile("[a-z0-9]{1,12}");

  private static final Pattern PARTS =
      Pattern.compile("bm-[a-z0-9]+-(?<build>[0-9a-f]{32})-(?<attempt>[0-9]{1,9})-[0-9a-f]{6}");
  private static final Pattern UUID_TEXT = Pattern.compile("(.{8})(.{4})(.{4})(.{4})(.{12})");

  public ExecutionName {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("'" + value + "' is no execution name: not a DNS label");
    }
  }

  /** The name of an attempt: {@code bm-<installation>-<build>-<attempt>-<nonce>}. */
  public static ExecutionName of(Installation installation, AttemptId attempt, Nonce nonce) {
    return new ExecutionName(
        String.join(
            "-",
            "bm",
            label(installation.id()),
            attempt.build().value().replace("-", ""),
            Integer.toString(attempt.number()),
            digest(nonce.toString()).substring(0, 6)));
  }

  /** Reads a name; empty when the text is none. */
  public static Optional<ExecutionName> parse(String text) {
    return FORM.matcher(text).matches() ? Optional.of(new ExecutionName(text)) : Optional.empty();
  }

  /** The attempt that the name was made for; empty when it was not made by {@link #of}. */
  public Optional<AttemptId> attempt() {
    Matcher parts = PARTS.matcher(value);
    if (!parts.matches()) {
      return Optional.empty();
    }
    String build = UUID_TEXT.matcher(parts.group("build")).replaceFirst("$1-$2-$3-$4-$5");
    return Optional.of(new AttemptId(new BuildId(build), Integer.parseInt(parts.group("attempt"))));
  }

  /** What every name of this installation begins with. */
  public static String prefix(Installation installation) {
    return "bm-" + label(installation.id()) + "-";
  }

  private static String label(String installation) {
    String lower = installation.toLowerCase(Locale.ROOT);
    return SHORT_LABEL.matcher(lower).matches() ? lower : digest(installation).substring(0, 12);
  }

  private static String digest(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
