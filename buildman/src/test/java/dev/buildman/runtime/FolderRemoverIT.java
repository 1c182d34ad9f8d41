package dev.buildman.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderRemoverIT {
  @TempDir private Path folder;

  /** As an overlay file system leaves them; to root, who may read all, they are like others. */
  @Test
  void foldersThatMayNotBeReadAreRemovedWithWhatIsInThem() throws IOException {
    Path top = Files.createDirectory(folder.resolve("top"));
    Path inner = Files.createDirectories(top.resolve("work/work/incompat"));
    Files.createFile(inner.resolve("volatile"));
    shut(inner);
    shut(inner.getParent());

    assertThat(FolderRemover.remove(top)).isTrue();

    assertThat(top).doesNotExist();
  }

  @Test
  void whatALinkLeadsToStays() throws IOException {
    Path kept = Files.createFile(Files.createDirectory(folder.resolve("kept")).resolve("file"));
    Path top = Files.createDirectory(folder.resolve("top"));
    Files.createSymbolicLink(top.resolve("link"), kept.getParent());

    assertThat(FolderRemover.remove(top)).isTrue();

    assertThat(top).doesNotExist();
    assertThat(kept).exists();
  }

  @Test
  void aFolderThatIsNotThereIsRemoved() {
    assertThat(FolderRemover.remove(folder.resolve("none"))).isTrue();
  }

  private static void shut(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("---------"));
  }
}
