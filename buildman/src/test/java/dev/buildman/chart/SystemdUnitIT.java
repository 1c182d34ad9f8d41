package dev.buildman.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.testing.tools.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unit of a manager on a plain host, judged by systemd itself. */
@RequiresTool(value = "systemd-analyze", debianPackage = "systemd")
class SystemdUnitIT {
  private static final Path UNIT = Path.of("..", "conf", "buildman.service");
  private static final Path LAUNCHER =
      Path.of("src", "dist", "bin", "buildman").toAbsolutePath().normalize();

  /** Of 100; a unit without any hardening has 96, and above 50 systemd calls it medium. */
  private static final int EXPOSURE = 20;

  @TempDir private Path folder;
  private Path unit;

  @BeforeEach
  void unit() throws IOException {
    unit = folder.resolve("buildman.service");
    Path program = Files.copy(LAUNCHER, folder.resolve("buildman"));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    // Programs that a unit names have to be there.
    Files.writeString(
        unit, Files.readString(UNIT).replace("/opt/buildman/bin/buildman", program.toString()));
  }

  @Test
  void systemdFindsNothingWrongWithIt() throws Exception {
    assertThat(analyze("verify", "--man=no", unit.toString())).isEmpty();
  }

  @Test
  void itIsExposedToLittle() throws Exception {
    assertThat(
            analyze(
                "security",
                "--offline=yes",
                "--threshold=" + EXPOSURE,
                "--no-pager",
                unit.toString()))
        .contains("Overall exposure level");
  }

  @Test
  void itWaitsLongerThanAManagerDrainsAndLeavesWorkersAlone() throws IOException {
    assertThat(Files.readString(UNIT))
        .contains("\nTimeoutStopSec=90\n")
        .contains("\nKillMode=process\n")
        .contains("\nRestartPreventExitStatus=78\n");
  }

  /** Its output; fails for another exit status than 0. */
  private String analyze(String... arguments) throws Exception {
    Path said = folder.resolve("said");
    String[] command = new String[arguments.length + 1];
    command[0] = "systemd-analyze";
    System.arraycopy(arguments, 0, command, 1, arguments.length);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(said)).isZero();
    return Files.readString(said);
  }
}
