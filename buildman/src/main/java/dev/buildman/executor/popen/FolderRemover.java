package dev.buildman.executor.popen;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Removes a worker's folder, links not followed, folders without write permission opened first. */
final class FolderRemover extends SimpleFileVisitor<Path> {
  private static final Logger log = LoggerFactory.getLogger(FolderRemover.class);

  private int left;

  private FolderRemover() {}

  /** Whether nothing is left; files of another user (of a user namespace) may be. */
  static boolean remove(Path folder) {
    if (!Files.exists(folder)) {
      return true;
    }
    FolderRemover remover = new FolderRemover();
    try {
      Files.walkFileTree(folder, remover);
    } catch (IOException e) {
      remover.left++;
    }
    if (remover.left > 0) {
      log.warn("worker folder not removed whole: folder={}, entries left={}", folder, remover.left);
    }
    return remover.left == 0;
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    try {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      // Another user's: what can be removed below it is tried all the same.
      return FileVisitResult.CONTINUE;
    }
    return FileVisitResult.CONTINUE;
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    return delete(file);
  }

  @Override
  public FileVisitResult visitFileFailed(Path file, IOException error) {
    return delete(file);
  }

  @Override
  public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException error) {
    return delete(folder);
  }

  private FileVisitResult delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      left++;
    }
    return FileVisitResult.CONTINUE;
  }
}
