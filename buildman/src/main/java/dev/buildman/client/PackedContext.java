package dev.buildman.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder as one gzipped tar in a temporary file, which closing deletes.
 *
 * @param digest sha256:&lt;hex&gt; of the file
 * @param size of the file, in bytes
 * @param entries files, folders and links in it
 */
public record PackedContext(Path file, String digest, long size, int entries)
    implements AutoCloseable {

  /** The type that the manager takes it as. */
  public static final String CONTENT_TYPE = "application/gzip";

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
