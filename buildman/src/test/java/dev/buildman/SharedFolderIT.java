package dev.buildman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.model.Installation;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SharedFolderIT {

  private static final Installation INSTALLATION = new Installation("one", "state-1");

  @TempDir private Path folder;

  @Test
  void managersThatHaveTheSameFolderAreWelcome() throws IOException {
    SharedFolder.check(folder, INSTALLATION, false);
    SharedFolder.check(folder, INSTALLATION, true);
    assertThat(folder.resolve(".installation")).hasContent("state-1");
  }

  @Test
  void aManagerWithAFolderOfItsOwnIsRefusedWhileOthersAreThere() {
    Path own = folder.resolve("own");
    assertThatThrownBy(() -> SharedFolder.check(own, INSTALLATION, true))
        .isInstanceOf(StartRefused.class)
        .hasMessageContaining(own.toString())
        .hasMessageContaining("BUILDMAN.SOURCES.DIRECTORY");
  }

  @Test
  void aFolderOfAReplacedRedisIsTakenOverByTheFirstManager() throws IOException {
    SharedFolder.check(folder, INSTALLATION, false);
    Installation replaced = new Installation("one", "state-2");
    assertThatThrownBy(() -> SharedFolder.check(folder, replaced, true))
        .isInstanceOf(StartRefused.class);
    SharedFolder.check(folder, replaced, false);
    SharedFolder.check(folder, replaced, true);
  }
}
