package dev.buildman.schedule;

import dev.buildman.executor.Choice;
import dev.buildman.model.ExecutorName;
import dev.buildman.model.Namespace;
import dev.buildman.schedule.Skip.Cause;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Optional;

/** Which builds an executor takes by its settings alone. Pure. */
final class ChoiceRules {
  private ChoiceRules() {}

  /**
   * Why an executor does not take a build; empty: it does.
   *
   * @param triesAfterThis what remains when this attempt costs one
   */
  static Optional<Skip> skip(
      ExecutorName executor, Choice choice, Namespace namespace, int triesAfterThis) {
    boolean listed = choice.namespaceWhitelist().contains(namespace.value());
    if (!listed && !choice.namespaceWhitelist().isEmpty()) {
      return skip(executor, Cause.NAMESPACE, "takes other namespaces only");
    }
    if (!listed && !inRollout(namespace, choice.stagedRollout())) {
      return skip(executor, Cause.NAMESPACE, "is rolled out to other namespaces only");
    }
    int threshold = choice.minimumRetryThreshold();
    if (triesAfterThis < threshold) {
      return skip(
          executor, Cause.TRIES, "takes builds only while " + threshold + " more tries remain");
    }
    return Optional.empty();
  }

  /** Quay's rule: the last two hex digits of the name's SHA-256 are below 256 times the share. */
  static boolean inRollout(Namespace namespace, double share) {
    byte[] digest = sha256(namespace.value());
    int lastTwoDigits = digest[digest.length - 1] & 0xff;
    return lastTwoDigits < 256 * share;
  }

  private static Optional<Skip> skip(ExecutorName executor, Cause cause, String sentence) {
    return Optional.of(new Skip(executor, cause, sentence));
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
