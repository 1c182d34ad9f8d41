package dev.buildman.executor.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.testing.tools.RequiresTool;
import dev.buildman.testing.tools.SkippedTests;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The units of a worker's machine: systemd judges them, and boots them in a container where this
 * machine lets it, with stand-ins for what a container cannot do.
 */
@RequiresTool(value = "systemd-analyze", debianPackage = "systemd")
class MachineBootIT {
  private static final int SWITCHED_OFF = 130;
  private static final int CANNOT = 77;
  private static final int ROOMY = 1_000_000;

  // Says what it was told, and what the agent would find.
  private static final String PODMAN =
      """
      #!/bin/sh
      echo "PODMAN $*"
      case "$*" in
        pull*) %s ;;
        run*)
          echo "METADATA $(systemctl is-active buildman-no-metadata.service)"
          echo "LIFETIME $(systemctl is-active buildman-lifetime.timer)"
          sed 's/^/FILE /' /etc/buildman/worker.env
          echo "HANDED $(cat /etc/buildman/handed-over/token)"
          %s ;;
      esac
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AGENT: ours\n",
        "AGENT: ours\nDEBUG: true\nDEBUG_RETENTION: 30m\n",
        "AGENT: quay\nWORKER_IMAGE: quay.io/projectquay/quay-builder\nQUAY_USERNAME: a\n"
            + "QUAY_PASSWORD: b\n",
        "AGENT: quay\nWORKER_IMAGE: quay.io/projectquay/quay-builder\n"
            + "CONTAINER_RUNTIME: podman\nHTTP_PROXY: http://u:p%20$w@proxy.example:3128\n"
      })
  void systemdFindsNothingWrongWithTheUnits(String settings) throws Exception {
    Disk disk = ignited(settings);
    Path units = disk.root().resolve("etc/systemd/system");
    // Programs and units that others name have to be there.
    Path program = Files.writeString(folder.resolve("program"), "#!/bin/sh\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    disk.write("/etc/systemd/system/docker.service", "[Service]\nExecStart=/bin/true\n", 0644);
    disk.write("/etc/systemd/system/podman.socket", "[Socket]\nListenStream=/run/p\n", 0644);
    disk.write("/etc/systemd/system/podman.service", "[Service]\nExecStart=/bin/true\n", 0644);
    List<String> names;
    try (Stream<Path> files = Files.list(units)) {
      names = files.map(Path::toString).filter(f -> f.matches(".*/buildman[^/]*[a-z]")).toList();
    }
    for (String unit : names) {
      Path file = Path.of(unit);
      if (Files.isRegularFile(file)) {
        Files.writeString(
            file,
            Files.readString(file)
                .replaceAll("(?<==-?)/usr/(bin|sbin|local/bin)/[a-z0-9-]+", program.toString())
                .replace("/etc/buildman/proxies.env", "-/etc/buildman/proxies.env"));
      }
    }
    assertThat(names).hasSize(4);

    String[] command =
        Stream.concat(Stream.of("systemd-analyze", "verify", "--man=no"), names.stream())
            .toArray(String[]::new);
    Run run = run(command);
    assertThat(run.said()).as("exit status %d", run.status()).isEmpty();
    assertThat(run.status()).isZero();
  }

  @Test
  void aMachineBootsRunsItsAgentOnceAndSwitchesItselfOff(TestInfo test) throws Exception {
    String console = booted(test, "AGENT: ours\n", "true", "exit 3");

    assertThat(console)
        .containsSubsequence(
            // E12, E13: nothing may ask for the metadata from the first line of the agent on.
            "IPTABLES -w -I OUTPUT -d 169.254.169.254/32",
            "IPTABLES -w -t raw -I PREROUTING -d 169.254.169.254/32",
            "PODMAN pull docker.io/buildman/builder-agent:1.0",
            "PODMAN run --rm --pull=never",
            "METADATA active",
            "LIFETIME active",
            "FILE BUILD_UUID=01234567-89ab-cdef-0123-456789abcdef",
            "FILE SERVER=manager.example:55443",
            "FILE TOKEN_FILE=/run/secrets/buildman/token",
            "HANDED " + MadeMachines.TOKEN,
            Machine.ENDED + "3 result=exit-code");
    assertThat(console).containsOnlyOnce("PODMAN run");
  }

  @Test
  void aMachineWhoseImageCannotBePulledSwitchesItselfOffToo(TestInfo test) throws Exception {
    // E14: it says so on its console, and does not run for nothing.
    String console =
        booted(
            test,
            "AGENT: ours\n",
            "echo 'Error: no such image'; exit 125",
            "echo 'never comes here'");

    assertThat(console)
        .containsSubsequence("Error: no such image", Machine.ENDED)
        .doesNotContain("PODMAN run");
  }

  @Test
  void aMachineThatIsTooOldIsSwitchedOffUnderItsAgent(TestInfo test) throws Exception {
    // E8: whatever became of the manager.
    Disk disk = ignited("AGENT: ours\n");
    Path timer = disk.root().resolve("etc/systemd/system/buildman-lifetime.timer");
    Files.writeString(
        timer,
        Files.readString(timer).replaceFirst("OnBootSec=\\d+s", "OnBootSec=1s\nAccuracySec=1ms"));

    assertThat(boot(test, disk, "true", "trap 'exit 0' TERM; sleep 600 & wait"))
        .containsSubsequence("PODMAN run", Machine.ENDED);
  }

  private Disk ignited(String settings) throws IOException {
    Disk disk = new Disk(Files.createDirectory(folder.resolve("disk")));
    UserData made = MadeMachines.userData(folder, settings, ROOMY);
    assertThat(made).isInstanceOf(UserData.Made.class);
    disk.ignite(((UserData.Made) made).text().reveal());
    return disk;
  }

  private String booted(TestInfo test, String settings, String pull, String run)
      throws IOException, InterruptedException {
    return boot(test, ignited(settings), pull, run);
  }

  private String boot(TestInfo test, Disk disk, String pull, String agent)
      throws IOException, InterruptedException {
    disk.write("/usr/bin/podman", PODMAN.formatted(pull, agent), 0755);
    for (String program : List.of("iptables", "ip6tables")) {
      disk.write("/usr/sbin/" + program, "#!/bin/sh\necho \"IPTABLES $*\"\n", 0755);
    }
    // Where a container's units print by themselves; the agent's does by its own setting.
    disk.write(
        "/etc/systemd/system/buildman-no-metadata.service.d/console.conf",
        "[Service]\nStandardOutput=journal+console\n",
        0644);
    Path own = Files.createDirectory(folder.resolve("machine"));
    Path script = Path.of("src/test/resources/boot/machine.sh").toAbsolutePath();
    // It wants a terminal for its console.
    Run machine = run("script", "-qefc", script + " " + own + " " + disk.root(), "/dev/null");
    if (machine.status() == CANNOT) {
      SkippedTests.add(test.getDisplayName(), machine.said().strip());
      Assumptions.abort(machine.said());
    }
    assertThat(machine.status()).as(machine.said()).isEqualTo(SWITCHED_OFF);
    return machine.said();
  }

  private record Run(int status, String said) {}

  private Run run(String... command) throws IOException, InterruptedException {
    Path said = folder.resolve("said");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(new File("/dev/null"))
            .redirectOutput(said.toFile())
            .start();
    boolean ended = process.waitFor(90, TimeUnit.SECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    String text = new String(Files.readAllBytes(said), StandardCharsets.UTF_8);
    assertThat(ended).as(text).isTrue();
    return new Run(process.exitValue(), text);
  }
}
