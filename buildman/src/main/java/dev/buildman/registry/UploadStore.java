package dev.buildman.registry;

import dev.buildman.registry.RegistryFault.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Uploads that were begun: one file each, named after the upload, so that they outlive a restart.
 * Thread-safe; one request at a time works on an upload.
 */
final class UploadStore {

  private final Path uploads;
  private final Set<String> busy = ConcurrentHashMap.newKeySet();

  UploadStore(Path root) {
    this.uploads = root.resolve("uploads");
  }

  /** Begins an upload and names it. */
  String begin(String repository) throws IOException {
    String id = UUID.randomUUID().toString();
    Path file = file(repository, id);
    Files.createDirectories(file.resolveSibling(""));
    Files.createFile(file);
    return id;
  }

  /** The bytes that an upload has. */
  long size(String repository, String id) throws IOException {
    return Files.size(existing(repository, id));
  }

  /**
   * Appends a chunk. When the client goes away in the middle, what came so far stays, unless a
   * range was given: then the chunk counts whole or not at all.
   *
   * @return the bytes that the upload has now
   */
  long append(String repository, String id, Optional<ByteRange> range, InputStream chunk)
      throws IOException {
    return exclusively(
        id,
        () -> {
          Path file = existing(repository, id);
          long before = Files.size(file);
          if (range.isPresent() && range.get().first() != before) {
            throw new RegistryFault(
                Code.RANGE_INVALID, "the upload has " + before + " bytes; go on from there");
          }
          long written;
          try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
            written = chunk.transferTo(out);
          }
          if (range.isPresent() && range.get().length() != written) {
            truncate(file, before);
            throw new RegistryFault(
                Code.BLOB_UPLOAD_INVALID, "Content-Range and the length of the chunk differ");
          }
          return before + written;
        });
  }

  /** Verifies an upload and hands it to the blobs. */
  void finish(String repository, String id, Digest digest, BlobStore blobs) throws IOException {
    exclusively(
        id,
        () -> {
          Path file = existing(repository, id);
          Digest found = digest.of(file);
          if (!found.equals(digest)) {
            Files.delete(file);
            throw new RegistryFault(Code.DIGEST_INVALID, "the content's digest is " + found);
          }
          blobs.add(repository, digest, file);
          return 0L;
        });
  }

  /** Forgets an upload. */
  void cancel(String repository, String id) throws IOException {
    Files.delete(existing(repository, id));
  }

  /** Forgets the uploads on which nobody worked for that long. */
  void purge(Instant now, Duration age) throws IOException {
    if (!Files.isDirectory(uploads)) {
      return;
    }
    try (Stream<Path> files = Files.walk(uploads)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(age))) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  private interface Work {
    long run() throws IOException;
  }

  private long exclusively(String id, Work work) throws IOException {
    if (!busy.add(id)) {
      // Often the same client's, whose connection broke: it is to come again, not to give up.
      throw new RegistryFault(Code.TOOMANYREQUESTS, "another request is working on this upload");
    }
    try {
      return work.run();
    } finally {
      busy.remove(id);
    }
  }

  private Path existing(String repository, String id) {
    Path file = file(repository, id);
    if (!Files.exists(file)) {
      throw new RegistryFault(Code.BLOB_UPLOAD_UNKNOWN, "no such upload");
    }
    return file;
  }

  private Path file(String repository, String id) {
    return uploads.resolve(repository).resolve("_" + id);
  }

  private static void truncate(Path file, long size) throws IOException {
    try (var channel = java.nio.channels.FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }
}
