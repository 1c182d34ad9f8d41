package dev.buildman.sources;

import dev.buildman.sources.UploadResult.Problem;
import dev.buildman.sources.UploadResult.Refused;
import dev.buildman.sources.UploadResult.Stored;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Uploaded sources as files named by their digest: {@code <directory>/sha256/<2 digits>/<hex>}.
 *
 * <p>Several managers may share the directory: files appear by an atomic rename and never change. A
 * file's modification time is its last use, which {@link #retire} goes by. Safe for use by many
 * threads.
 */
public final class SourceStore {

  /** A temporary file older than this belongs to an upload that died with its manager. */
  private static final Duration ABANDONED = Duration.ofDays(1);

  private final Path files;
  private final Path temporary;
  private final long maximumBytes;
  private final InstantSource clock;

  private SourceStore(Path directory, long maximumBytes, InstantSource clock) {
    this.files = directory.resolve("sha256");
    this.temporary = directory.resolve("tmp");
    this.maximumBytes = maximumBytes;
    this.clock = clock;
  }

  /**
   * Opens the store, making its folders when they are missing.
   *
   * @param maximumBytes of one source
   * @throws IOException when the folder cannot be made or written
   */
  public static SourceStore open(Path directory, long maximumBytes, InstantSource clock)
      throws IOException {
    SourceStore store = new SourceStore(directory, maximumBytes, clock);
    Files.createDirectories(store.files);
    Files.createDirectories(store.temporary);
    return store;
  }

  /** The largest source it takes, in bytes. */
  public long maximumBytes() {
    return maximumBytes;
  }

  /** The source of this digest; empty when it was never uploaded or is retired. */
  public Optional<StoredSource> find(SourceDigest digest) throws IOException {
    Path file = path(digest);
    try (InputStream in = Files.newInputStream(file)) {
      Optional<SourceKind> kind = SourceKind.detect(in.readNBytes(SourceKind.HEAD_BYTES));
      if (kind.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(new StoredSource(digest, kind.get(), Files.size(file), file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** What {@link #begin} answers. */
  public sealed interface Begun {
    /** Send the bytes. */
    record Open(Upload upload) implements Begun {}

    /** It is there already: no byte needs to be sent. */
    record Existing(StoredSource source) implements Begun {}

    /** It would be refused whatever its bytes are. */
    record TooLarge(Refused refusal) implements Begun {}
  }

  /**
   * Begins an upload.
   *
   * @param size of all its bytes
   * @throws IOException when the disk fails
   */
  public Begun begin(SourceDigest digest, long size, SourceKind kind) throws IOException {
    if (size > maximumBytes) {
      String text = "a source of %d bytes is above the limit of %d bytes (SOURCES.MAX_SIZE)";
      return new Begun.TooLarge(new Refused(Problem.TOO_LARGE, text.formatted(size, maximumBytes)));
    }
    Optional<StoredSource> there = find(digest);
    if (there.isPresent()) {
      touch(digest);
      return new Begun.Existing(there.get());
    }
    Path file = temporary.resolve(UUID.randomUUID().toString());
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    return new Begun.Open(new Upload(this, new Upload.Expected(digest, size, kind), file, channel));
  }

  /**
   * Stores a Dockerfile that came with the build itself, for agents that know only package URLs.
   *
   * @throws IOException when the disk fails
   */
  public StoredSource putDockerfile(byte[] content) throws IOException {
    SourceDigest digest = SourceDigest.of(content);
    return switch (begin(digest, content.length, SourceKind.DOCKERFILE)) {
      case Begun.Existing existing -> existing.source();
      case Begun.TooLarge tooLarge -> throw new IOException(tooLarge.refusal().text());
      case Begun.Open open -> {
        try (Upload upload = open.upload()) {
          upload.write(ByteBuffer.wrap(content));
          yield switch (upload.finish()) {
            case Stored stored -> stored.source();
            case Refused refused -> throw new IOException(refused.text());
          };
        }
      }
    };
  }

  /** Notes a use of the source now, which keeps it for another retention period. */
  public void touch(SourceDigest digest) throws IOException {
    try {
      Files.setLastModifiedTime(path(digest), FileTime.from(clock.instant()));
    } catch (NoSuchFileException e) {
      // Retired since: whoever needs it looks with find.
    }
  }

  /**
   * Deletes sources that were not used since an instant and that nothing names any more, and what
   * dead uploads left.
   *
   * @param named whether a build that has not ended, or ended lately, still names the source; asked
   *     only about old ones
   * @return how many sources went
   */
  public int retire(Instant unusedSince, Predicate<SourceDigest> named) throws IOException {
    deleteOld(temporary, clock.instant().minus(ABANDONED), file -> true);
    int deleted = 0;
    try (Stream<Path> folders = Files.list(files)) {
      for (Path folder : folders.toList()) {
        deleted += deleteOld(folder, unusedSince, file -> isUnnamed(file, named));
      }
    }
    return deleted;
  }

  private static boolean isUnnamed(Path file, Predicate<SourceDigest> named) {
    return SourceDigest.parseHex(String.valueOf(file.getFileName()))
        .filter(digest -> !named.test(digest))
        .isPresent();
  }

  private static int deleteOld(Path folder, Instant before, Predicate<Path> unwanted)
      throws IOException {
    int deleted = 0;
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file : entries.toList()) {
        boolean old = Files.getLastModifiedTime(file).toInstant().isBefore(before);
        if (old && unwanted.test(file) && Files.deleteIfExists(file)) {
          deleted++;
        }
      }
    } catch (NoSuchFileException e) {
      // Another manager on the same folder was faster; the next turn goes on.
    }
    return deleted;
  }

  Path path(SourceDigest digest) {
    return files.resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  Stored adopt(Path finished, StoredSource source) throws IOException {
    Files.createDirectories(source.file().getParent());
    boolean existing = Files.exists(source.file());
    try {
      Files.setLastModifiedTime(finished, FileTime.from(clock.instant()));
      Files.move(finished, source.file(), StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException e) {
      existing = true;
    }
    return new Stored(source, existing);
  }
}
