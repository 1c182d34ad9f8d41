package dev.buildman.agent.runtime;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Removes folders whole. */
public final class Folders {
  private Folders() {}

  /**
   * Removes a folder and all in it, links not followed; fine when it is not there. Folders that
   * their owner may not read or write are opened first: archives hold them, steps of a build make
   * them, and so does an overlay file system.
   *
   * @throws IOException at the first that could not be removed, as what belongs to another user
   */
  public static void delete(Path folder) throws IOException {
    try {
      Files.walkFileTree(folder, new Deletion());
    } catch (NoSuchFileException e) {
      // It is gone, which is what was asked for.
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    private static final Set<PosixFilePermission> OPEN =
        PosixFilePermissions.fromString("rwx------");

    @Override
    public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes)
        throws IOException {
      if (!Files.isWritable(dir) || !Files.isExecutable(dir)) {
        Files.setPosixFilePermissions(dir, OPEN);
      }
      return FileVisitResult.CONTINUE;
    }

    /** A folder that cannot be read comes here, and not to what is called before its entries. */
    @Override
    public FileVisitResult visitFileFailed(Path file, IOException fault) throws IOException {
      if (!Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS) || Files.isReadable(file)) {
        throw fault;
      }
      Files.setPosixFilePermissions(file, OPEN);
      if (!Files.isReadable(file)) {
        throw fault;
      }
      Files.walkFileTree(file, this);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException fault)
        throws IOException {
      if (fault != null) {
        throw fault;
      }
      Files.deleteIfExists(dir);
      return FileVisitResult.CONTINUE;
    }
  }
}
