package dev.buildman.agent.training;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Makes the distribution's own Java runtime, of the modules that an agent needs and no others, so
 * that a worker needs no JDK. The launcher takes it when it is there.
 */
final class RuntimeImage {
  /** What jdeps finds in the agent and in what it is made of, and runs need. */
  static final List<String> MODULES =
      List.of(
          "java.base",
          "java.logging",
          "java.net.http",
          "java.security.jgss",
          "jdk.httpserver",
          "jdk.unsupported",
          // By name alone, so unseen by jdeps: authorities of LDAP in certificates, and keep-alive
          // of sockets.
          "java.naming",
          "jdk.net");

  /** What jdeps finds beside, only in library code that no agent comes by, and why. */
  static final Map<String, String> LEFT_OUT =
      Map.of(
          "java.desktop", "Jackson reads annotations of beans there, if there are any",
          "java.sql", "Jackson and Gson know its dates, if there are any",
          "java.xml", "Jackson knows documents, if there are any",
          "jdk.jfr", "Netty records its buffers, where that can be recorded");

  /** Names how an image was made: one that was made so is not made again. */
  private static final String STAMP = "lib/made-by";

  private RuntimeImage() {}

  /** Where the launcher looks for it. */
  static Path in(Path distribution) {
    return distribution.resolve("runtime");
  }

  /**
   * Makes it, unless it is there already.
   *
   * @throws IOException when this JDK makes none
   */
  static void make(Path distribution) throws IOException {
    Path image = in(distribution);
    List<String> arguments = arguments(image);
    String stamp = System.getProperty("java.runtime.version") + " " + arguments;
    Path stampFile = image.resolve(STAMP);
    if (Files.exists(stampFile) && Files.readString(stampFile).equals(stamp)) {
      return;
    }
    remove(image);
    Optional<ToolProvider> jlink = ToolProvider.findFirst("jlink");
    if (jlink.isEmpty()) {
      throw new IOException("this JDK has no jlink, so the agent gets no runtime of its own");
    }
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said, true);
    if (jlink.get().run(out, out, arguments.toArray(String[]::new)) != 0) {
      throw new IOException("jlink made no runtime for the agent: " + said);
    }
    Files.writeString(stampFile, stamp);
    System.out.printf("runtime: %d modules, %d MB%n", MODULES.size(), bytes(image) / 1_000_000);
  }

  private static List<String> arguments(Path image) {
    return List.of(
        "--add-modules",
        String.join(",", MODULES),
        "--strip-java-debug-attributes",
        "--no-header-files",
        "--no-man-pages",
        "--compress",
        "zip-6",
        // A JDK without jmods links from itself, and would not where its owner added an authority.
        "--ignore-modified-runtime",
        "--output",
        image.toString());
  }

  /** All files under a folder. */
  static long bytes(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }

  private static void remove(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
