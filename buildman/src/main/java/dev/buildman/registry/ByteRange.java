package dev.buildman.registry;

import dev.buildman.registry.RegistryFault.Code;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of content; both ends are included.
 *
 * @param first counted from 0
 * @param last at least {@code first}
 */
record ByteRange(long first, long last) {

  private static final Pattern REQUESTED = Pattern.compile("bytes=(\\d{0,18})-(\\d{0,18})");
  private static final Pattern SENT = Pattern.compile("(?:bytes )?(\\d{1,18})-(\\d{1,18})(?:/.*)?");

  long length() {
    return last - first + 1;
  }

  /**
   * Reads a {@code Range} header. Empty when the whole content is to be sent, also for several
   * ranges at once, which may be ignored.
   *
   * @throws RegistryFault when no byte of the content is in the range
   */
  static Optional<ByteRange> requested(String header, long size) {
    Matcher matcher = REQUESTED.matcher(header.strip());
    if (!matcher.matches() || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
      return Optional.empty();
    }
    if (matcher.group(1).isEmpty()) {
      long wanted = Long.parseLong(matcher.group(2));
      return Optional.of(checked(Math.max(0, size - wanted), size - 1, size));
    }
    long last = matcher.group(2).isEmpty() ? size - 1 : Long.parseLong(matcher.group(2));
    return Optional.of(checked(Long.parseLong(matcher.group(1)), Math.min(last, size - 1), size));
  }

  /**
   * Reads the {@code Content-Range} of a chunk.
   *
   * @throws RegistryFault when it is malformed
   */
  static ByteRange sent(String header) {
    Matcher matcher = SENT.matcher(header.strip());
    if (!matcher.matches()) {
      throw new RegistryFault(Code.BLOB_UPLOAD_INVALID, "Content-Range is <first>-<last>");
    }
    ByteRange range =
        new ByteRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    if (range.last < range.first) {
      throw new RegistryFault(Code.BLOB_UPLOAD_INVALID, "Content-Range ends before it begins");
    }
    return range;
  }

  private static ByteRange checked(long first, long last, long size) {
    if (first > last || first >= size) {
      throw new RegistryFault(Code.RANGE_INVALID, "the content has " + size + " bytes");
    }
    return new ByteRange(first, last);
  }
}
