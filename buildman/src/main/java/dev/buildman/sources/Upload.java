package dev.buildman.sources;

import dev.buildman.sources.UploadResult.Problem;
import dev.buildman.sources.UploadResult.Refused;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * One source on its way to disk, in a temporary file until {@link #finish}.
 *
 * <p>For one thread. Closing without {@code finish} leaves nothing behind.
 */
public final class Upload implements Closeable {

  private final SourceStore store;
  private final Expected expected;
  private final Path file;
  private final FileChannel channel;
  private final MessageDigest sha256 = SourceDigest.sha256();
  private final ByteBuffer head = ByteBuffer.allocate(SourceKind.HEAD_BYTES);
  private long written;

  /** What the client said it would send. */
  record Expected(SourceDigest digest, long size, SourceKind kind) {}

  Upload(SourceStore store, Expected expected, Path file, FileChannel channel) {
    this.store = store;
    this.expected = expected;
    this.file = file;
    this.channel = channel;
  }

  /**
   * Takes the next bytes.
   *
   * @return a refusal as soon as more came than was announced: send no more
   * @throws IOException when the disk fails
   */
  public Optional<Refused> write(ByteBuffer chunk) throws IOException {
    written += chunk.remaining();
    if (written > expected.size()) {
      return Optional.of(sizeMismatch());
    }
    sha256.update(chunk.duplicate());
    ByteBuffer beginning = chunk.duplicate();
    beginning.limit(beginning.position() + Math.min(beginning.remaining(), head.remaining()));
    head.put(beginning);
    while (chunk.hasRemaining()) {
      channel.write(chunk);
    }
    return Optional.empty();
  }

  /**
   * Checks what came against what was announced and makes it a source, whole or not at all.
   *
   * @throws IOException when the disk fails
   */
  public UploadResult finish() throws IOException {
    if (written != expected.size()) {
      return sizeMismatch();
    }
    SourceDigest digest = SourceDigest.finish(sha256);
    if (!digest.equals(expected.digest())) {
      return new Refused(
          Problem.DIGEST_MISMATCH,
          "the bytes sent are " + digest + ", not " + expected.digest() + ": send them again");
    }
    Optional<SourceKind> kind = SourceKind.detect(Arrays.copyOf(head.array(), head.position()));
    if (kind.isEmpty() || kind.get() != expected.kind()) {
      return wrongKind(kind);
    }
    channel.force(true);
    return store.adopt(file, new StoredSource(digest, kind.get(), written, store.path(digest)));
  }

  private Refused sizeMismatch() {
    return new Refused(
        Problem.SIZE_MISMATCH,
        "%s%d bytes came, %d were announced"
            .formatted(written > expected.size() ? "at least " : "", written, expected.size()));
  }

  private Refused wrongKind(Optional<SourceKind> found) {
    String is = found.map(SourceKind::contentType).orElse("neither gzip, zip nor text");
    return new Refused(
        Problem.WRONG_KIND,
        "the content is %s, not %s: send a gzipped tar, a zip archive or a Dockerfile"
            .formatted(is, expected.kind().contentType()));
  }

  @Override
  public void close() throws IOException {
    channel.close();
    Files.deleteIfExists(file);
  }
}
