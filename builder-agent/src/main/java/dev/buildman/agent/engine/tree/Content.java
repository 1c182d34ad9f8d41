package dev.buildman.agent.engine.tree;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The bytes of a regular file. Two entries with the same object are hard links of one file. */
@FunctionalInterface
public interface Content {

  /** A new stream at the first byte; the caller closes it. */
  InputStream open() throws IOException;

  /** A file of this machine; a symbolic link in its place is not followed. */
  static Content ofFile(Path file) {
    return () -> Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** These bytes. */
  static Content ofBytes(byte[] bytes) {
    return () -> new ByteArrayInputStream(bytes);
  }
}
