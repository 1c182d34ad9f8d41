package dev.buildman.registry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/**
 * Content by digest, shared by all repositories; a repository sees the blobs that it has a link to.
 * Thread-safe.
 */
final class BlobStore {

  private static final String LINKS = "_blobs";

  private final Path blobs;
  private final Path repositories;
  private final ReentrantLock links = new ReentrantLock();

  BlobStore(Path root) {
    this.blobs = root.resolve("blobs");
    this.repositories = root.resolve("repositories");
  }

  /** The file of a blob that the repository has. */
  Optional<Path> find(String repository, Digest digest) {
    return Optional.of(content(digest))
        .filter(file -> Files.exists(link(repository, digest)) && Files.exists(file));
  }

  /** Takes a finished file whose digest was verified; it is gone from its place afterwards. */
  void add(String repository, Digest digest, Path file) throws IOException {
    links.lock();
    try {
      if (Files.exists(content(digest))) {
        Files.delete(file);
      } else {
        Disk.moveSynced(file, content(digest));
      }
      Disk.write(link(repository, digest), new byte[0]);
    } finally {
      links.unlock();
    }
  }

  /** Links a blob of another repository; false when that one does not have it. */
  boolean mount(String from, String repository, Digest digest) throws IOException {
    links.lock();
    try {
      if (find(from, digest).isEmpty()) {
        return false;
      }
      Disk.write(link(repository, digest), new byte[0]);
      return true;
    } finally {
      links.unlock();
    }
  }

  /** Takes the link away, and the content with the last link; false when there was none. */
  boolean delete(String repository, Digest digest) throws IOException {
    links.lock();
    try {
      if (!Files.deleteIfExists(link(repository, digest))) {
        return false;
      }
      String name = fileName(digest);
      try (Stream<Path> files = Files.walk(repositories)) {
        boolean linked =
            files.anyMatch(file -> file.endsWith(name) && file.resolveSibling("").endsWith(LINKS));
        if (!linked) {
          Files.deleteIfExists(content(digest));
        }
      }
      return true;
    } finally {
      links.unlock();
    }
  }

  private Path content(Digest digest) {
    return blobs
        .resolve(digest.algorithm())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex());
  }

  private Path link(String repository, Digest digest) {
    return repositories.resolve(repository).resolve(LINKS).resolve(fileName(digest));
  }

  private static String fileName(Digest digest) {
    return digest.algorithm() + "-" + digest.hex();
  }
}
