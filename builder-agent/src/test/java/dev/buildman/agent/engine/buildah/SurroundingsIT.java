package dev.buildman.agent.engine.buildah;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.engine.EngineCheck;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of buildahs that this machine does not have, by programs that answer as they do. */
final class SurroundingsIT {
  private static final EngineCheck NO_NETAVARK =
      EngineCheck.unable(
          "buildah lacks netavark, which makes the network of RUN",
          "install the Debian package netavark");

  @TempDir private Path folder;

  private EngineCheck check(String version, String isolation, Path helpers)
      throws IOException, InterruptedException {
    Path buildah =
        Files.writeString(
            folder.resolve("buildah"),
            """
            #!/bin/sh
            case "$*" in
              --version) echo 'buildah version %s (image-spec 1.1.0)' ;;
              *' from scratch')
                [ -e %s/configured ] && exit 0
                echo 'Error: could not find "netavark" in one of [/usr/libexec/podman]' >&2
                exit 125 ;;
            esac
            """
                .formatted(version, folder));
    Files.setPosixFilePermissions(buildah, PosixFilePermissions.fromString("rwxr-xr-x"));
    Processes processes =
        new Processes(
            Ticker.system(), Sleeper.system(), new Executables(folder.toString()), Map.of());
    BuildahSettings settings = BuildahSettings.defaults();
    return new Surroundings(
            processes,
            new BuildahSettings(
                isolation, settings.storageDriver(), settings.timeLimit(), Map.of()),
            List.of(helpers))
        .check();
  }

  @Test
  void aBuildahThatEndsWithoutNetavarkIsToldWithThePackageThatBringsIt() throws Exception {
    assertThat(check("1.39.3", "chroot", folder.resolve("nowhere"))).isEqualTo(NO_NETAVARK);
  }

  @Test
  void anOlderOneBuildsWithoutItInAChroot() throws Exception {
    assertThat(check("1.28.2", "chroot", folder.resolve("nowhere"))).isNotEqualTo(NO_NETAVARK);
  }

  @Test
  void oneThatFindsItWhereItIsConfiguredWorks() throws Exception {
    Files.createFile(folder.resolve("configured"));
    assertThat(check("1.39.3", "chroot", folder.resolve("nowhere"))).isNotEqualTo(NO_NETAVARK);
  }

  @Test
  void whereItUsuallyLiesNothingIsStartedToAsk() throws Exception {
    Path helpers = Files.createDirectory(folder.resolve("helpers"));
    Path netavark = Files.createFile(helpers.resolve("netavark"));
    Files.setPosixFilePermissions(netavark, PosixFilePermissions.fromString("rwxr-xr-x"));
    assertThat(check("1.39.3", "chroot", helpers)).isNotEqualTo(NO_NETAVARK);
  }

  @Test
  void oneThatIsTooOldIsTold() throws Exception {
    assertThat(check("1.23.1", "chroot", folder))
        .isInstanceOfSatisfying(
            EngineCheck.Unable.class,
            unable -> assertThat(unable.why()).startsWith("buildah 1.28 or later is needed"));
  }
}
