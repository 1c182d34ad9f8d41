package dev.buildman;

import dev.buildman.config.ConfigMap;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What is kept, where, how much of it and how long.
 *
 * @param data folder of this manager's own files
 */
public record Keeping(Path data, Logs logs, Retention retention, Sources sources) {

  /**
   * Bounds of one build's log.
   *
   * @param maxLine bytes
   * @param maxLines head and tail together
   * @param maxBytes head and tail together
   */
  public record Logs(int maxLine, int maxLines, long maxBytes) {}

  /** How long things are kept after a build's end; sources after the last build that names them. */
  public record Retention(Duration builds, Duration logs, Duration sources) {}

  /**
   * Uploaded contexts.
   *
   * @param maxSize bytes
   * @param url what agents fetch them from; absent: made of the agents' host and HTTP port
   */
  public record Sources(Path directory, long maxSize, Optional<URI> url) {}

  private static final int MAX_LINE = 16 << 10;
  private static final int MAX_LINES = 200_000;
  private static final long MAX_BYTES = 64L << 20;
  private static final long MAX_SOURCE = 4L << 30;
  private static final Duration WEEK = Duration.ofDays(7);

  /** Reads {@code BUILDMAN}'s share. */
  static Keeping parse(ConfigMap ours, Places places) {
    Path data = places.data(ours);
    ConfigMap logs = ours.section("LOGS");
    ConfigMap retention = ours.section("RETENTION");
    ConfigMap sources = ours.section("SOURCES");
    return new Keeping(
        data,
        new Logs(
            maxLine(logs),
            logs.integer("MAX_LINES", MAX_LINES, 1, 100_000_000),
            logs.size("MAX_BYTES", MAX_BYTES)),
        new Retention(
            retention.duration("BUILDS", WEEK),
            retention.duration("LOGS", WEEK),
            retention.duration("SOURCES", Duration.ofDays(1))),
        new Sources(
            sources.path("DIRECTORY").orElse(data.resolve("sources")),
            sources.size("MAX_SIZE", MAX_SOURCE),
            sources.url("URL", "http", "https")));
  }

  private static int maxLine(ConfigMap logs) {
    long size = logs.size("MAX_LINE", MAX_LINE);
    if (size < 256 || size > 1 << 20) {
      logs.problem("MAX_LINE", size + " bytes are not allowed; allowed: 256 bytes to 1 MiB");
      return MAX_LINE;
    }
    return (int) size;
  }
}
