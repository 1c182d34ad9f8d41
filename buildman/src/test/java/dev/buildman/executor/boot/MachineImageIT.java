package dev.buildman.executor.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that boots a machine in a pod, with a stand-in for the emulator. */
class MachineImageIT {
  private static final Path START = Path.of("..", "conf", "vm", "start").toAbsolutePath();

  // Says what it was told, what it would boot with, and what others could see of that.
  private static final String EMULATOR =
      """
      #!/bin/sh
      echo "EMULATOR $*"
      for word; do case $word in name=opt/com.coreos/config,file=*)
        echo "DOCUMENT $(cat "${word#*,file=}") $(stat -c %a "${word#*,file=}")" ;;
      esac; done
      env | sed 's/^/ENV /'
      exit 0
      """;

  @TempDir private Path folder;

  @Test
  void itBootsTheDocumentThatItWasGivenAndShowsItToNobody() throws Exception {
    Path programs = Files.createDirectory(folder.resolve("bin"));
    program(programs.resolve("qemu-system-x86_64"), EMULATOR);
    program(programs.resolve("qemu-system-aarch64"), EMULATOR);
    program(programs.resolve("qemu-img"), "#!/bin/sh\necho \"DISK $*\"\n");

    Run run = start(programs, "{\"ignition\": {\"version\": \"3.1.0\"}}");

    assertThat(run.status()).as(run.said()).isZero();
    assertThat(run.said())
        .containsPattern("DISK create .* -b /disk.qcow2 .*/disk.qcow2 7G")
        .containsPattern("EMULATOR .* -m 3G .*-no-reboot")
        .contains("DOCUMENT {\"ignition\": {\"version\": \"3.1.0\"}} 600")
        .doesNotContain("ENV USERDATA");
  }

  @Test
  void itSaysWhatItMisses() throws Exception {
    Run run = start(folder, "");

    assertThat(run.status()).isNotZero();
    assertThat(run.said()).contains("USERDATA").contains("Ignition document");
  }

  private static void program(Path path, String text) throws IOException {
    Files.writeString(path, text);
    assertThat(path.toFile().setExecutable(true)).isTrue();
  }

  private record Run(int status, String said) {}

  private Run start(Path programs, String userData) throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    ProcessBuilder builder =
        new ProcessBuilder(START.toString())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", programs + ":/usr/bin:/bin");
    builder.environment().put("TMPDIR", folder.toString());
    builder.environment().put("USERDATA", userData);
    builder.environment().put("VM_MEMORY", "3G");
    builder.environment().put("VM_VOLUME_SIZE", "7G");
    builder.environment().put("VM_IMAGE", "/disk.qcow2");
    Process process = builder.start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), Files.readString(said));
  }
}
