package dev.buildman.agent.run;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.FileVisitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The build's work folder, readable by this user only, removed at the end. */
final class Workspace implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Workspace.class);

  private static final FileVisitor<Path> REMOVAL =
      new SimpleFileVisitor<>() {
        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
            throws IOException {
          // Archives may hold folders that their owner cannot write to.
          Files.setPosixFilePermissions(
              folder,
              EnumSet.of(
                  PosixFilePermission.OWNER_READ,
                  PosixFilePermission.OWNER_WRITE,
                  PosixFilePermission.OWNER_EXECUTE));
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
            throws IOException {
          Files.delete(file);
          return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
            throws IOException {
          if (failure != null) {
            throw failure;
          }
          Files.delete(folder);
          return FileVisitResult.CONTINUE;
        }
      };

  private final Path root;
  private final boolean keep;

  private Workspace(Path root, boolean keep) {
    this.root = root;
    this.keep = keep;
  }

  /**
   * Makes one.
   *
   * @param keep whether it stays for somebody to look at
   */
  static Workspace create(Path parent, boolean keep) throws IOException {
    return new Workspace(Files.createTempDirectory(parent, "build-"), keep);
  }

  /** A new folder in it. */
  Path folder(String name) throws IOException {
    return Files.createDirectory(root.resolve(name));
  }

  @Override
  public void close() {
    if (keep) {
      log.info("work folder is kept: folder={}", root);
      return;
    }
    try {
      Files.walkFileTree(root, REMOVAL);
    } catch (IOException e) {
      log.warn("work folder could not be removed: folder={}, failure={}", root, e.toString());
    }
  }
}
