package dev.buildman.agent.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The bytes of a blob to push; opened anew for every try, so each call must give the same bytes.
 * {@link RegistryClient#content} is one that comes out of another registry.
 */
@FunctionalInterface
public interface BlobContent {
  /** A new stream at the first byte; the client closes it. */
  InputStream open() throws IOException;

  /** A new stream at this byte, where a broken upload goes on; the client closes it. */
  default InputStream openAt(long offset) throws IOException {
    InputStream in = open();
    try {
      in.skipNBytes(offset);
      return in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  /** The bytes of a file, which must not change while it is pushed. */
  static BlobContent of(Path file) {
    return () -> Files.newInputStream(file);
  }

  /** These bytes. */
  static BlobContent of(byte[] bytes) {
    return () -> new ByteArrayInputStream(bytes);
  }
}
