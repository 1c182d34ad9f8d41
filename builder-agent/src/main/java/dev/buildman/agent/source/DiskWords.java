package dev.buildman.agent.source;

import java.util.List;

/** Tells the worker's disk from a source that is no good, by the words of the C library. */
final class DiskWords {
  private static final List<String> WORDS =
      List.of("No space left on device", "Disk quota exceeded", "Read-only file system");

  private DiskWords() {}

  static boolean areOf(String message) {
    return WORDS.stream().anyMatch(message::contains);
  }
}
