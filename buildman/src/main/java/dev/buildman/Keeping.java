package dev.buildman;

import dev.buildman.config.ConfigMap;
import dev.buildman.reconcile.RetentionSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is kept, where, how much of it and how long.
 *
 * @param data folder of this manager's own files
 */
public record Keeping(Path data, Logs logs, RetentionSettings retention, Sources sources) {

  /**
   * Bounds of one build's log.
   *
   * @param maxLine bytes
   * @param maxLines head and tail together
   * @param maxBytes head and tail together
   */
  public record Logs(int maxLine, int maxLines, long maxBytes) {}

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

  /** Reads {@code BUILDMAN}'s share. */
  static Keeping parse(ConfigMap ours, Places places) {
    Path data = places.data(ours);
    ConfigMap logs = ours.section("LOGS");
    ConfigMap sources = ours.section("SOURCES");
    return new Keeping(
        data,
        new Logs(
            maxLine(logs),
            logs.integer("MAX_LINES", MAX_LINES, 1, 100_000_000),
            logs.size("MAX_BYTES", MAX_BYTES)),
        retention(ours.section("RETENTION")),
        new Sources(
            sources.path("DIRECTORY").orElse(data.resolve("sources")),
            sources.size("MAX_SIZE", MAX_SOURCE),
            sources.url("URL", "http", "https")));
  }

  private static RetentionSettings retention(ConfigMap map) {
    RetentionSettings usual = RetentionSettings.DEFAULT;
    RetentionSettings kept =
        new RetentionSettings(
            map.duration("BUILDS", usual.builds()),
            map.duration("LOGS", usual.logs()),
            map.duration("SOURCES", usual.sources()));
    if (kept.logs().compareTo(kept.builds()) > 0 && map.has("LOGS")) {
      map.problem("LOGS", "is longer than BUILDS: a log goes with its build at the latest");
    }
    return kept;
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
