package dev.buildman.agent.source;

import java.time.Duration;

/**
 * What a source may cost.
 *
 * @param downloadBytes of a package as it is served
 * @param unpackedBytes of all its files together
 * @param entries files, folders and links
 * @param ratio how many times its own size an archive may grow; looked at once it grew past 256
 *     MiB, as small files of zeros are harmless
 * @param time for all of it
 * @param idle without a byte of a download
 */
public record SourceLimits(
    long downloadBytes, long unpackedBytes, long entries, int ratio, Duration time, Duration idle) {

  /** 4 GiB served, 8 GiB and half a million entries unpacked, 300 times, 30 min, 60 s idle. */
  public static SourceLimits defaults() {
    return new SourceLimits(
        4L << 30, 8L << 30, 500_000, 300, Duration.ofMinutes(30), Duration.ofSeconds(60));
  }
}
