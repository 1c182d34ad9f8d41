package dev.buildman.agent.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldersIT {
  @TempDir private Path folder;

  /** To root, who may do all, they are like others. */
  @ParameterizedTest
  @ValueSource(strings = {"---------", "r-x------", "-wx------", "rw-------"})
  void foldersThatTheirOwnerShutAreRemovedWithWhatIsInThem(String rights) throws IOException {
    Path top = Files.createDirectory(folder.resolve("top"));
    Path inner = Files.createDirectories(top.resolve("work/work/incompat"));
    Files.createFile(inner.resolve("volatile"));
    for (Path shut = inner; !shut.equals(folder); shut = shut.getParent()) {
      Files.setPosixFilePermissions(shut, PosixFilePermissions.fromString(rights));
    }

    Folders.delete(top);

    assertThat(top).doesNotExist();
  }

  @Test
  void whatALinkLeadsToStays() throws IOException {
    Path kept = Files.createFile(Files.createDirectory(folder.resolve("kept")).resolve("file"));
    Path top = Files.createDirectory(folder.resolve("top"));
    Files.createSymbolicLink(top.resolve("link"), kept.getParent());

    Folders.delete(top);

    assertThat(top).doesNotExist();
    assertThat(kept).exists();
  }

  @Test
  void aFolderThatIsNotThereIsRemoved() throws IOException {
    Folders.delete(folder.resolve("none"));

    assertThat(folder).isEmptyDirectory();
  }
}
