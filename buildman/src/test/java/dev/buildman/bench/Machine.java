package dev.buildman.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** What figures were measured on. */
final class Machine {
  private Machine() {}

  static String describe(String redis) throws IOException {
    return String.format(
        Locale.ROOT,
        "%d processors (%s), %.0f GiB of memory, %s, JDK %s, Redis %s with an append-only file.",
        Runtime.getRuntime().availableProcessors(),
        line("/proc/cpuinfo", "model name"),
        Long.parseLong(line("/proc/meminfo", "MemTotal").replaceAll("\\D", "")) / 1048576.0,
        System.getProperty("os.arch"),
        System.getProperty("java.version"),
        redis);
  }

  private static String line(String file, String name) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("unknown");
  }
}
