package dev.buildman.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** Writing that is there as a whole or not at all, also after the power failed. */
final class Disk {

  private Disk() {}

  /** Puts content at a path; a reader sees the old or the new, never a part. */
  static void write(Path target, byte[] content) throws IOException {
    Path folder = folderOf(target);
    Path temporary = folder.resolve(".new-" + UUID.randomUUID());
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer buffer = ByteBuffer.wrap(content);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
    }
    move(temporary, target);
  }

  /** Moves a finished file to its place. */
  static void moveSynced(Path source, Path target) throws IOException {
    folderOf(target);
    sync(source);
    move(source, target);
  }

  private static void move(Path source, Path target) throws IOException {
    Files.move(source, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    sync(target.resolveSibling(""));
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path folderOf(Path target) throws IOException {
    return Files.createDirectories(target.resolveSibling(""));
  }
}
