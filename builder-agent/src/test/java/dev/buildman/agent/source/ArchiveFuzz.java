package dev.buildman.agent.source;

import dev.buildman.agent.runtime.Folders;
import dev.buildman.agent.runtime.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Any bytes are a package or a refusal, and nothing of them leaves the work folder. */
public final class ArchiveFuzz {
  private static final SourceLimits LIMITS =
      new SourceLimits(1 << 20, 1 << 20, 200, 300, Duration.ofSeconds(20), Duration.ofSeconds(5));

  private ArchiveFuzz() {}

  /** One input, as the fuzzer calls it. */
  public static void fuzzerTestOneInput(byte[] data) {
    try {
      // In memory where there is such a folder: thousands of trees are written and removed.
      Path memory = Path.of("/dev/shm");
      Path outer =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "fuzz").toRealPath()
              : Files.createTempDirectory("fuzz").toRealPath();
      try {
        one(outer, data);
      } finally {
        Folders.delete(outer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void one(Path outer, byte[] data) throws IOException, InterruptedException {
    Path root = Files.createDirectory(outer.resolve("source"));
    Path file = Files.write(outer.resolve("package"), data);
    try {
      PackageKind kind = Packages.kind(file, "application/x-tar");
      if (kind != PackageKind.DOCKERFILE) {
        new Unpack(file, root, new Budget(LIMITS, Ticker.system())).run(kind);
        checkLinks(root);
      }
    } catch (SourceFailure e) {
      if (e.message().length() > 2000) {
        throw new AssertionError("a refusal without end: " + e.message().length(), e);
      }
    }
    try (Stream<Path> files = Files.list(outer)) {
      List<Path> found = files.sorted().toList();
      if (!found.equals(List.of(file, root))) {
        throw new AssertionError("something left the folder: " + found);
      }
    }
  }

  private static void checkLinks(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (Files.isSymbolicLink(file) && Files.exists(file)) {
          Path target = file.toRealPath();
          if (!target.startsWith(root)) {
            throw new AssertionError("a link leads out: " + file + " to " + target);
          }
        } else if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
            && !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
            && !Files.isSymbolicLink(file)) {
          throw new AssertionError("something that is neither file, folder nor link: " + file);
        }
      }
    }
  }
}
