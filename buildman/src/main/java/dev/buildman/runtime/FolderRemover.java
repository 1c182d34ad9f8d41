package dev.buildman.runtime;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes a folder and all in it: links are not followed, folders that its owner may not read or
 * write are opened first, as those that an overlay file system makes.
 */
public final class FolderRemover extends SimpleFileVisitor<Path> {
  private static final Logger log = LoggerFactory.getLogger(FolderRemover.class);

  private static final Set<PosixFilePermission> OPEN = PosixFilePermissions.fromString("rwx------");

  private int left;

  private FolderRemover() {}

  /** Whether nothing is left; files of another user (of a user namespace) may be. */
  public static boolean remove(Path folder) {
    if (!Files.exists(folder)) {
      return true;
    }
    FolderRemover remover = new FolderRemover();
    remover.walk(folder);
    if (remover.left > 0) {
      log.warn("folder not removed whole: folder={}, entries left={}", folder, remover.left);
    }
    return remover.left == 0;
  }

  private void walk(Path folder) {
    try {
      Files.walkFileTree(folder, this);
    } catch (IOException e) {
      left++;
    }
  }

  @Override
  public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
    open(folder);
    return FileVisitResult.CONTINUE;
  }

  private static boolean open(Path folder) {
    try {
      Files.setPosixFilePermissions(folder, OPEN);
      return true;
    } catch (IOException e) {
      // Another user's: what can be removed below it is tried all the same.
      return false;
    }
  }

  @Override
  public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
    return delete(file);
  }

  /** A folder that cannot be read comes here, before it was opened. */
  @Override
  public FileVisitResult visitFileFailed(Path file, IOException error) {
    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)
        && !Files.isReadable(file)
        && open(file)
        && Files.isReadable(file)) {
      walk(file);
      return FileVisitResult.CONTINUE;
    }
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
