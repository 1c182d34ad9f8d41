package dev.buildman.agent.source;

import dev.buildman.agent.runtime.Ticker;
import dev.buildman.proto.agent.FailureCode;
import java.time.Duration;

/** What is left of a source's limits; every byte and entry is charged here. */
final class Budget {
  private static final long RATIO_FROM = 256L << 20;

  private final SourceLimits limits;
  private final Ticker ticker;
  private final long start;
  private long bytes;
  private long entries;

  Budget(SourceLimits limits, Ticker ticker) {
    this.limits = limits;
    this.ticker = ticker;
    this.start = ticker.nanos();
  }

  SourceLimits limits() {
    return limits;
  }

  /** Time that is left; zero or less when it is over. */
  Duration left() {
    return limits.time().minus(ticker.since(start));
  }

  /** Charges one file, folder or link. */
  void entry() throws SourceFailure, InterruptedException {
    if (++entries > limits.entries()) {
      throw over("has more than " + limits.entries() + " files");
    }
    alive();
  }

  /**
   * Charges unpacked bytes.
   *
   * @param archiveBytes of the whole archive that they come from
   */
  void bytes(long more, long archiveBytes) throws SourceFailure, InterruptedException {
    bytes += more;
    if (bytes > limits.unpackedBytes()) {
      throw over("unpacks to more than " + size(limits.unpackedBytes()));
    }
    if (bytes > RATIO_FROM && bytes / limits.ratio() > archiveBytes) {
      throw over("unpacks to more than " + limits.ratio() + " times its own size");
    }
    alive();
  }

  /** Ends work that has no time left or is not wanted any more. */
  void alive() throws SourceFailure, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("fetching the source was interrupted");
    }
    if (left().isNegative()) {
      throw over("takes longer than " + limits.time().toSeconds() + " s");
    }
  }

  private static SourceFailure over(String what) {
    return new SourceFailure(
        FailureCode.CANNOT_EXTRACT_BUILD_PACK, "the source " + what + ", which is the limit");
  }

  static String size(long bytes) {
    return bytes >= 1L << 20 ? (bytes >> 20) + " MiB" : bytes + " bytes";
  }
}
