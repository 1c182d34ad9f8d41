package dev.buildman.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.model.Secret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataFolderIT {

  @TempDir private Path temporary;

  @Test
  void theSecondOneIsRefusedWithThePidOfTheFirst() throws IOException {
    Path path = temporary.resolve("data");
    try (DataFolder first = DataFolder.take(path, 4711)) {
      assertThatThrownBy(() -> DataFolder.take(path, 4712))
          .isInstanceOf(StandaloneRefused.class)
          .hasMessageContaining(first.path().toString())
          .hasMessageContaining("pid 4711");
    }
    try (DataFolder next = DataFolder.take(path, 4712)) {
      assertThat(Files.readString(next.path().resolve("lock"))).isEqualTo("4712");
    }
  }

  @Test
  void aSecretIsRandomStaysAndIsThisUsersAlone() throws IOException {
    try (DataFolder folder = DataFolder.take(temporary.resolve("data"), 1)) {
      Secret secret = folder.secret("secret-key");
      assertThat(secret.reveal()).hasSizeGreaterThanOrEqualTo(43);
      assertThat(folder.secret("secret-key")).isEqualTo(secret);
      assertThat(folder.secret("other")).isNotEqualTo(secret);
      assertThat(mode(folder.path().resolve("secret-key"))).isEqualTo("rw-------");
      assertThat(mode(folder.path())).isEqualTo("rwx------");
    }
  }

  @Test
  void aPortStaysUntilSomebodyElseHasIt() throws IOException {
    try (DataFolder folder = DataFolder.take(temporary.resolve("data"), 1)) {
      int free = new Ports(folder).choose("a", 0);
      assertThat(new Ports(folder).before("a")).isEqualTo(free);
      assertThat(new Ports(folder).choose("a", 1)).isEqualTo(free);
      try (ServerSocket taken =
          new ServerSocket(free, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
        assertThat(new Ports(folder).choose("a", 0)).isNotEqualTo(taken.getLocalPort());
      }
    }
  }

  @Test
  void twoNamesNeverShareAPort() throws IOException {
    try (DataFolder folder = DataFolder.take(temporary.resolve("data"), 1)) {
      Ports ports = new Ports(folder);
      int first = ports.choose("a", 0);
      assertThat(ports.choose("b", first)).isNotEqualTo(first);
    }
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
