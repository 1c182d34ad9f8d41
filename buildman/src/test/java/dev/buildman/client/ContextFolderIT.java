package dev.buildman.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextFolderIT {

  @TempDir Path folder;

  @BeforeEach
  void fill() throws IOException {
    write("Dockerfile", "FROM scratch\n");
    write("src/main.c", "int main;");
    write("node_modules/big", "big");
    write("ünïcode/" + "long".repeat(40) + ".txt", "x");
  }

  @Test
  void packsFilesFoldersAndLinksAsTheyAre() throws IOException {
    Path script = write("run.sh", "#!/bin/sh\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));
    Files.createSymbolicLink(folder.resolve("link"), Path.of("src/main.c"));
    Map<String, TarArchiveEntry> entries = entries();
    assertThat(entries.keySet())
        .contains("Dockerfile", "src/", "src/main.c", "ünïcode/" + "long".repeat(40) + ".txt");
    assertThat(entries.get("run.sh").getMode() & 0777).isEqualTo(0750);
    assertThat(entries.get("link").isSymbolicLink()).isTrue();
    assertThat(entries.get("link").getLinkName()).isEqualTo("src/main.c");
    assertThat(entries.get("Dockerfile").getLongUserId()).isZero();
  }

  @Test
  void leavesOutWhatDockerignoreNamesButNeverTheDockerfileItself() throws IOException {
    write(".dockerignore", "node_modules\nDockerfile\n*.txt\n**/*.txt\n");
    assertThat(entries().keySet())
        .containsExactlyInAnyOrder(".dockerignore", "Dockerfile", "src/", "src/main.c", "ünïcode/");
  }

  @Test
  void findsAnExceptionBelowAFolderThatIsLeftOut() throws IOException {
    write(".dockerignore", "node_modules\n!node_modules/big\nünïcode\n");
    assertThat(entries().keySet()).contains("node_modules/big").doesNotContain("node_modules/");
  }

  @Test
  void aDockerfilesOwnIgnoreFileGoesBeforeTheCommonOne() throws IOException {
    write(".dockerignore", "src\n");
    write("Dockerfile.dockerignore", "node_modules\n");
    assertThat(entries().keySet()).contains("src/main.c").doesNotContain("node_modules/big");
  }

  @Test
  void anUnchangedFolderPacksToTheSameDigest() throws IOException {
    try (PackedContext first = ContextFolder.pack(folder, "Dockerfile");
        PackedContext second = ContextFolder.pack(folder, "Dockerfile")) {
      assertThat(second.digest()).isEqualTo(first.digest());
      Files.setLastModifiedTime(
          folder.resolve("src/main.c"), FileTime.from(Instant.EPOCH.plusSeconds(7)));
      try (PackedContext changed = ContextFolder.pack(folder, "Dockerfile")) {
        assertThat(changed.digest()).isNotEqualTo(first.digest());
      }
    }
  }

  @Test
  void closingDeletesTheTemporaryFile() throws IOException {
    PackedContext packed = ContextFolder.pack(folder, "Dockerfile");
    assertThat(packed.file()).exists();
    packed.close();
    assertThat(packed.file()).doesNotExist();
  }

  @Test
  void aPatternThatIsNoneIsNamed() throws IOException {
    write(".dockerignore", "ok\n[z-a]\n");
    assertThatThrownBy(this::entries).isInstanceOf(IOException.class).hasMessageContaining("[z-a]");
  }

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private Map<String, TarArchiveEntry> entries() throws IOException {
    Map<String, TarArchiveEntry> entries = new TreeMap<>();
    try (PackedContext packed = ContextFolder.pack(folder, "Dockerfile");
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new GZIPInputStream(Files.newInputStream(packed.file())))) {
      TarArchiveEntry entry = tar.getNextEntry();
      while (entry != null) {
        entries.put(entry.getName(), entry);
        entry = tar.getNextEntry();
      }
      assertThat(packed.entries()).isEqualTo(entries.size());
    }
    return entries;
  }
}
