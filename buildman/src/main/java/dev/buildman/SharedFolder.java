package dev.buildman;

import dev.buildman.model.Installation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Finds out whether the folder of uploaded sources is that of the other managers too. */
final class SharedFolder {

  private static final String MARKER = ".installation";

  private SharedFolder() {}

  /**
   * Marks the folder, or checks its mark.
   *
   * @param others whether other managers of the installation are there
   * @throws StartRefused when it is not the folder that they have
   */
  static void check(Path folder, Installation installation, boolean others) throws IOException {
    Files.createDirectories(folder);
    Path marker = folder.resolve(MARKER);
    if (others && !installation.state().equals(text(marker))) {
      throw new StartRefused(
          "other managers of this installation are running, and "
              + folder
              + " is not the folder of sources that they have: share theirs (BUILDMAN.SOURCES."
              + "DIRECTORY), or uploaded sources would be missing at random");
    }
    Files.writeString(marker, installation.state());
  }

  private static String text(Path marker) throws IOException {
    try {
      return Files.readString(marker).strip();
    } catch (NoSuchFileException e) {
      return "";
    }
  }
}
