package dev.buildman.agent.registry;

import dev.buildman.agent.registry.RegistryException.Kind;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How far an upload is, as registries write it. */
final class UploadRange {
  private static final Pattern RANGE = Pattern.compile("(bytes=)?0-(-?\\d{1,18})");

  private UploadRange() {}

  /**
   * The first byte that the registry does not have yet.
   *
   * @throws RegistryException PROTOCOL when it says nothing that can be understood
   */
  static long received(Answer answer, String registry, String doing) throws RegistryException {
    String range = answer.header("Range").orElse("").strip();
    Matcher matcher = RANGE.matcher(range);
    if (!matcher.matches()) {
      throw new RegistryException(
          Kind.PROTOCOL,
          "registry %s answered with the range '%s' while %s".formatted(registry, range, doing));
    }
    long last = Long.parseLong(matcher.group(2));
    // "0-0" is said both for nothing and for one byte; no piece has one byte. Quay's answer to the
    // question for an upload's state begins with "bytes=" and names the byte after the last one.
    return last <= 0 || matcher.group(1) != null ? Math.max(0, last) : last + 1;
  }
}
