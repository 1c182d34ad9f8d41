package dev.buildman.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Unpacks the layers of an image that we built ourselves: files and folders, as this user. */
final class ImageTree {
  private static final int EXECUTABLE = 0100;

  private ImageTree() {}

  /** Lays the layers over each other in a folder; lowest first. */
  static void unpack(PulledImage image, Path root) throws IOException {
    for (Path layer : image.layers()) {
      try (InputStream file = Files.newInputStream(layer);
          TarArchiveInputStream tar = new TarArchiveInputStream(new GZIPInputStream(file))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          place(tar, entry, inside(root, entry.getName()));
        }
      }
    }
  }

  private static void place(TarArchiveInputStream tar, TarArchiveEntry entry, Path target)
      throws IOException {
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    if (!entry.isFile()) {
      throw new IOException("the example has a '" + entry.getName() + "' that is no file");
    }
    Files.createDirectories(target.getParent());
    Files.copy(tar, target, StandardCopyOption.REPLACE_EXISTING);
    if ((entry.getMode() & EXECUTABLE) != 0 && !target.toFile().setExecutable(true)) {
      throw new IOException(target + " could not be made executable");
    }
  }

  /** The path below a root; refuses one that leads out of it. */
  static Path inside(Path root, String name) throws IOException {
    Path target = root.resolve(name.startsWith("/") ? name.substring(1) : name).normalize();
    if (!target.startsWith(root)) {
      throw new IOException("the image's path '" + name + "' leads out of its folder");
    }
    return target;
  }
}
