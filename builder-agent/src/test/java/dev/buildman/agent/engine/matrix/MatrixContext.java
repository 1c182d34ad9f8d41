package dev.buildman.agent.engine.matrix;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/** The files that the matrix builds from. */
final class MatrixContext {
  static final long SPARSE = 64L << 20;

  private MatrixContext() {}

  static void write(Path root) throws IOException {
    file(root, "a", "A");
    file(root, "script", "S");
    mode(root, "script", 0755);
    file(root, "dir/b", "B");
    file(root, "dir/deep/er/c", "C");
    file(root, "ignored", "I");
    file(root, "ignored-not", "N");
    file(root, ".dockerignore", "ignored*\n!ignored-not\n");
    file(root, "links/hard1", "H");
    Files.createLink(root.resolve("links/hard2"), root.resolve("links/hard1"));
    Files.createSymbolicLink(root.resolve("links/soft"), Path.of("hard1"));
    Files.createSymbolicLink(root.resolve("links/dangling"), Path.of("/nowhere"));
    file(root, "modes/setuid", "X");
    mode(root, "modes/setuid", 04755);
    file(root, "modes/closed", "X");
    mode(root, "modes/closed", 0400);
    Files.createDirectory(root.resolve("modes/sticky"));
    mode(root, "modes/sticky", 01777);
    file(root, "names/" + MatrixCases.LONG, "L");
    file(root, "names/\u65e5\u672c\u8a9e", "\u00fc\u20ac");
    file(root, "times/file", "T");
    Files.setLastModifiedTime(
        root.resolve("times/file"),
        FileTime.from(Instant.ofEpochSecond(1_234_567_890, 987_654_321)));
    try (RandomAccessFile sparse = new RandomAccessFile(root.resolve("sparse").toFile(), "rw")) {
      sparse.setLength(SPARSE);
    }
    mode(root, "sparse", 0644);
  }

  private static void file(Path root, String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.resolveSibling("."));
    for (Path folder = file.getParent();
        folder != null && !folder.equals(root);
        folder = folder.getParent()) {
      Files.setAttribute(folder, "unix:mode", 0755);
    }
    Files.writeString(file, text);
    mode(root, name, 0644);
  }

  private static void mode(Path root, String name, int mode) throws IOException {
    Files.setAttribute(root.resolve(name), "unix:mode", mode);
  }
}
